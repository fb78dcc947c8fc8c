// RSS feeds of all and of each topic with the newest articles, and no pages: the topics and how many entries are in the environment.
const { TOPICS, ENTRIES } = process.env;
const FEEDS = ["all", ...TOPICS.split(" ")];
const ADDRESS = "https://feeds.example/articles/{{ item.fileSlug }}";
const FEED = `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel>
<title>{{ topic }}</title><link>https://feeds.example/</link><description>{{ topic }}</description>
{% for item in collections[topic] %}<item>
<title>{{ item.data.title | escape }}</title><link>${ADDRESS}</link><guid>${ADDRESS}</guid>
<pubDate>{{ item.date.toUTCString() }}</pubDate>
<description>{{ item.content | striptags | truncate(400) | escape }}</description>
</item>
{% endfor %}</channel></rss>`;

export default function (config) {
  config.setQuietMode(true);
  config.addGlobalData("feeds", FEEDS);
  config.addGlobalData("eleventyComputed", { permalink: ({ topic }) => topic ? `${topic}.rss` : false });
  for (const topic of FEEDS) {
    const wanted = ({ data }) => data.topics && (topic === "all" || data.topics.includes(topic));
    config.addCollection(topic, (found) => found.getAllSorted().filter(wanted).reverse().slice(0, ENTRIES));
  }
  config.addTemplate("feed.njk", FEED, { pagination: { data: "feeds", size: 1, alias: "topic" }, eleventyExcludeFromCollections: true });
  return { templateFormats: ["md", "njk"], markdownTemplateEngine: false };
}
