// Makes a script of each page, with its framework in it, in the folder that is named: node build.mjs FOLDER
import { readFile } from "node:fs/promises";
import { compile } from "svelte/compiler";
import { compileScript, parse } from "vue/compiler-sfc";
import { build } from "esbuild";

const custom = (name) => name.includes("-");
const COMPILERS = {
  svelte: (source, filename) => compile(source, { filename, generate: "client" }).js.code,
  vue: (source, filename) => {
    const options = { id: "app", inlineTemplate: true, templateOptions: { compilerOptions: { isCustomElement: custom } } };
    return compileScript(parse(source, { filename }).descriptor, options).content;
  },
};
const compiled = {
  name: "compiled",
  setup(bundler) {
    bundler.onLoad({ filter: /\.(svelte|vue)$/ }, async ({ path }) => {
      const contents = COMPILERS[path.split(".").pop()](await readFile(path, "utf-8"), path);
      return { contents, loader: "js" };
    });
  },
};
await build({
  entryPoints: ["react.jsx", "vue.js", "svelte.js"],
  outdir: process.argv[2],
  bundle: true,
  format: "esm",
  minify: true,
  jsx: "automatic",
  conditions: ["browser", "production"],
  define: { "process.env.NODE_ENV": '"production"', __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false", __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false" },
  plugins: [compiled],
});
