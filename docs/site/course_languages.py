"""The web course in two languages: the switch on each page, and the search in Chinese.

The pages in Chinese lie in the folder `zh` of the site, under the same names.
"""

from gettext import NullTranslations

from sphinx.search.zh import SearchChinese

# What the switch on a page in one language says: language, its name there, label of the switch.
OTHERS = {"en": ("zh-CN", "中文", "Language"), "zh_CN": ("en", "English", "语言")}
# Words of the theme, which comes without Chinese.
THEME = {
    "On this page": "本页内容",
    "Back to top": "回到顶部",
    "Next": "下一页",
    "Previous": "上一页",
}
# Chinese has no spaces between words: a browser finds them as the index of the search did. Single
# signs are not in the index.
SPLITTER = """
function splitQuery(query) {
  const parts = query.split(/[^\\p{Letter}\\p{Number}_\\p{Emoji_Presentation}]+/gu);
  if (typeof Intl.Segmenter === "undefined") return parts.filter((part) => part);
  const segmenter = new Intl.Segmenter("zh", { granularity: "word" });
  return parts.flatMap((part) => {
    if (!/\\p{Script=Han}/u.test(part)) return part ? [part] : [];
    const words = [...segmenter.segment(part)].map((one) => one.segment);
    const known = words.filter((word) => word.length > 1);
    return known.length ? known : [part];
  });
}
"""


class ThemeWords(NullTranslations):
    """What Sphinx's own catalog does not know."""

    def gettext(self, message):
        """The word in Chinese, if it is one of the theme's."""
        return THEME.get(message, message)


def link_other(app, pagename, templatename, context, doctree):
    """Tell a page's template where the same page is in the other language."""
    language, name, label = OTHERS[app.config.language]
    up = "../" * pagename.count("/")
    other = f"{up}zh/" if language == "zh-CN" else f"{up}../"
    context["other"] = {
        "language": language,
        "name": name,
        "label": label,
        "address": f"{other}{pagename}.html",
        "own": f"{pagename.rpartition('/')[2]}.html",
    }


def load_words(app, config):
    """Let the Chinese pages load what their programs say, before those."""
    if config.language == "zh_CN":
        config.html_js_files.insert(0, ("words-zh.js", {"defer": "defer"}))


def setup(app):
    """Register the switch; mend and complete the search in Chinese."""
    # Sphinx 9 asks for a ChineseStemmer, and brings the English one, which is what it means.
    SearchChinese.language_name = "English"
    SearchChinese.js_splitter_code = SPLITTER
    if app.config.language == "zh_CN":
        app.translator.add_fallback(ThemeWords())
    app.connect("config-inited", load_words)
    app.connect("html-page-context", link_other)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
