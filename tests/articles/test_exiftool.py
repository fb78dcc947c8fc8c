"""exiftool, which knows more of pictures' metadata than anybody, finds nothing private in any published picture."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from feedsvc.articles.parsers.images import PICTURE_SUFFIXES
from support.live import Newsroom, until
from support.pictures import PRIVATE, encoded, exif, frames, image, private

# What a picture is, and how it is to be shown.
FINE = {
    "ExifTool": {"ExifToolVersion"},
    "File": {
        *("FileType", "FileTypeExtension", "MIMEType", "ImageWidth", "ImageHeight", "BitsPerSample", "ColorComponents"),
        *("EncodingProcess", "YCbCrSubSampling"),
    },
    "JFIF": {"JFIFVersion", "ResolutionUnit", "XResolution", "YResolution"},
    "PNG": {
        *("ImageWidth", "ImageHeight", "BitDepth", "ColorType", "Compression", "Filter", "Interlace", "ProfileName", "Palette"),
        *("Transparency", "AnimationFrames", "AnimationPlays", "Animated"),
    },
    "RIFF": {
        *("ImageWidth", "ImageHeight", "HorizontalScale", "VerticalScale", "VP8Version", "WebP_Flags", "AlphaPreprocessing"),
        *("AlphaFiltering", "AlphaCompression", "BackgroundColor", "AnimationLoopCount", "FrameCount", "Duration"),
    },
    "GIF": {
        *("GIFVersion", "ImageWidth", "ImageHeight", "HasColorMap", "ColorResolutionDepth", "BitsPerPixel", "BackgroundColor"),
        *("AnimationIterations", "FrameCount", "Duration", "TransparentColor"),
    },
    "Composite": {"ImageSize", "Megapixels"},
    "ICC_Profile": {
        *("ProfileDescription", "ProfileCopyright", "MediaWhitePoint", "MediaBlackPoint", "ChromaticAdaptation"),
        *(f"{colour}{part}" for colour in ("Red", "Green", "Blue") for part in ("MatrixColumn", "TRC")),
    },
    "ICC-header": {
        *("ProfileVersion", "ProfileClass", "ColorSpaceData", "ProfileConnectionSpace", "ProfileDateTime", "ProfileFileSignature"),
        *("CMMFlags", "DeviceAttributes", "RenderingIntent", "ConnectionSpaceIlluminant", "ProfileCMMType", "PrimaryPlatform"),
        *("DeviceManufacturer", "DeviceModel", "ProfileCreator", "ProfileID"),
    },
}
EMPTY = {"ProfileCMMType", "PrimaryPlatform", "DeviceManufacturer", "DeviceModel", "ProfileCreator", "ProfileID"}
WRITTEN = (
    *("Artist", "Copyright", "UserComment", "OwnerName", "SerialNumber", "XMP:Creator", "XMP:CreatorWorkEmail"),
    *("IPTC:By-line", "IPTC:Caption-Abstract", "Comment", "XMP-photoshop:Instructions"),
)


def tags(files: list[Path]) -> dict[str, dict[str, Any]]:
    """All that exiftool finds in files, by their names, also what it doesn't know, and what stands behind their ends."""
    words = ["exiftool", "-j", "-G1", "-a", "-u", "-ee", *files]
    run = subprocess.run(words, capture_output=True, check=True, text=True, timeout=60)
    return {Path(one.pop("SourceFile")).name: one for one in json.loads(run.stdout)}


def test_nothing_private_is_in_any_published_picture(newsroom: Newsroom, tmp_path: Path) -> None:
    folder = newsroom.articles / "harbour"
    folder.mkdir()
    small = tmp_path / "small.jpg"
    small.write_bytes(encoded("JPEG", image(160, 120)))
    camera = exif(6)
    camera.get_ifd(0x8769)[0x927C] = b"Apple iOS\0\0\1MM" + PRIVATE.encode()  # MakerNote
    still = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "AVIF": ".avif"}
    for form, suffix in still.items():
        data = private(form, 6, image(900, 600))
        (folder / f"{form}{suffix}").write_bytes(data[: -len(PRIVATE)] if form == "WEBP" else data)
    (folder / "camera.jpeg").write_bytes(encoded("JPEG", image(700, 500), exif=camera))
    (folder / "plain.png").write_bytes(private("PNG", 1, image(300, 200)))
    given = [f"-{name}={PRIVATE}" for name in WRITTEN]
    given += ["-GPSLatitude=51.5", "-GPSLatitudeRef=N", "-GPSLongitude=0.1", "-XMP:GPSLatitude=51.5", f"-ThumbnailImage<={small}"]
    files = sorted(folder.iterdir())
    subprocess.run(["exiftool", "-q", "-m", "-overwrite_original", *given, *files], check=True, timeout=60)
    for form in ("GIF", "PNG", "WEBP"):
        (folder / f"moving{still[form]}").write_bytes(frames(form, 4, (40, 30)))
    # A phone's moving photograph is a film behind a picture's end.
    (folder / "phone.jpg").write_bytes((folder / "camera.jpeg").read_bytes() + b"\0\0\0\x18ftypmp42" + PRIVATE.encode() * 9)

    files = sorted(folder.iterdir())
    assert {file.suffix for file in files} == set(PICTURE_SUFFIXES)
    for name, found in tags(files).items():
        assert PRIVATE in map(str, found.values()) or name == "phone.jpg", f"{name} holds what is looked for"
    found = tags([folder / "camera.jpeg"])["camera.jpeg"]
    assert {"GPS", "IPTC", "XMP-dc", "IFD0", "IFD1", "ExifIFD"} <= {key.partition(":")[0] for key in found}

    newsroom.write("harbour/boat.md", image="JPEG.jpg", body=" ".join(f"![{file.stem}]({file.name})" for file in files))
    newsroom.build()
    until(lambda: newsroom.builder.maker.is_idle)
    while newsroom.go_on().pictures:
        pass
    published = tmp_path / "published"
    published.mkdir()
    for path in newsroom.store.paths():
        document = newsroom.document(path)
        if path.startswith("/media/") and document and document.status == 200:
            body = document.encodings["identity"].body
            assert PRIVATE.encode() not in body
            (published / path.rpartition("/")[2]).write_bytes(body)
    kinds = [file.suffix for file in published.iterdir()]
    assert {".jpg", ".png", ".webp", ".gif"} <= set(kinds) and len(kinds) > len(files)
    for name, found in tags(sorted(published.iterdir())).items():
        for key, value in found.items():
            group, _, tag = key.partition(":")
            assert group == "System" or tag in FINE.get(group, ()), (name, key, value)
            assert tag not in EMPTY or str(value) in ("", "0", "Unknown ()"), (name, key, value)
            assert PRIVATE not in str(value)
