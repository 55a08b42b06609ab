// What pages say, in the reader's language.
//
// Words are written in English where they are needed, as in tr`Saved as ${name}.` The build collects
// them from these programs (workshop/translate/programs.py) for the catalog in course_lib/locale;
// pages in another language load its translations first, as `window.courseWords`.

(() => {
  const known = new Map(Object.entries(window.courseWords ?? {}));

  /** A text that is written elsewhere, such as a control's label; itself where it has no translation. */
  window.translated = (text) => known.get(text) ?? text;

  /** A text written here. What stands in a place is translated too, if it is a text of its own. */
  window.tr = (parts, ...values) => {
    const english = parts.reduce((text, part, place) => `${text}{${place - 1}}${part}`);
    return translated(english).replace(/\{(\d+)\}/g, (_, place) => translated(values[place]));
  };
})();
