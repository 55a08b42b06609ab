// The self-test of a lesson: choices to click, an explanation for each, and what has been solved.
// Kept in this browser alone: localStorage "course-self-test", lesson -> question -> tries.
(() => {
  const STORE = "course-self-test";

  function read() {
    try {
      return JSON.parse(localStorage.getItem(STORE)) ?? {};
    } catch {
      return {};
    }
  }

  function write(kept) {
    try {
      localStorage.setItem(STORE, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing still asks the questions.
    }
  }

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // --- one question ---------------------------------------------------------------------------

  function remember(lesson, key, solved) {
    const kept = read();
    const one = ((kept[lesson] ??= {})[key] ??= { tries: 0, solved: false });
    if (!one.solved) one.tries += 1;
    one.solved ||= solved;
    write(kept);
  }

  // Choices that can be clicked in the place of those that can only be read.
  function enliven(quiz, lesson, changed) {
    const key = quiz.dataset.key;
    const several = "several" in quiz.dataset;
    const folded = quiz.querySelector("details");
    const whys = [...quiz.querySelectorAll(".why > li")];
    const ask = quiz.querySelector(".ask");
    const list = quiz.querySelector(".choices");
    const legend = make("legend", { class: "ask" }, ...ask.childNodes);
    const inputs = [...list.children].map((choice) => {
      const input = make("input", { type: several ? "checkbox" : "radio", name: `quiz-${key}` });
      choice.replaceChildren(make("label", {}, input, make("span", {}, ...choice.childNodes)));
      return input;
    });
    const check = make("button", { type: "button", class: "course-button" }, tr`Check`);
    const answer = make("div", { class: "verdict", role: "status", "aria-live": "polite" });
    const group = make("fieldset", {}, legend, list, check, answer);
    quiz.replaceChildren(group, folded);
    folded.querySelector("summary").textContent = tr`All explanations`;

    const show = () => {
      const solved = read()[lesson]?.[key]?.solved ?? false;
      quiz.classList.toggle("solved", solved);
      folded.hidden = !solved;
    };
    check.addEventListener("click", () => {
      const chosen = whys.map((_, place) => place).filter((place) => inputs[place].checked);
      if (!chosen.length) {
        answer.replaceChildren(tr`Choose an answer first.`);
        return;
      }
      const right = whys.every((why, place) => inputs[place].checked === "right" in why.dataset);
      remember(lesson, key, right);
      const missing = several && !right && chosen.every((place) => "right" in whys[place].dataset);
      answer.replaceChildren(
        ...chosen.map((place) => {
          const good = "right" in whys[place].dataset;
          const words = [...whys[place].childNodes].map((node) => node.cloneNode(true));
          return make("p", { class: good ? "right" : "wrong" }, ...words);
        }),
        ...(missing ? [make("p", {}, tr`There is more that is right.`)] : []),
      );
      show();
      changed();
    });
    for (const input of inputs) input.addEventListener("change", () => answer.replaceChildren());
    return show;
  }

  function startLesson(box) {
    const lesson = box.dataset.lesson;
    const quizzes = [...box.querySelectorAll(".quiz")];
    const count = make("p", { class: "count", role: "status", "aria-live": "polite" });
    const again = make("button", { type: "button", class: "course-button" }, tr`Start over`);
    const tell = () => {
      const kept = read()[lesson] ?? {};
      const solved = quizzes.filter((quiz) => kept[quiz.dataset.key]?.solved).length;
      const all = quizzes.length;
      count.textContent = tr`${solved} of ${all} solved.`;
      again.hidden = !quizzes.some((quiz) => kept[quiz.dataset.key]);
    };
    const shows = quizzes.map((quiz) => enliven(quiz, lesson, tell));
    again.addEventListener("click", () => {
      const kept = read();
      delete kept[lesson];
      write(kept);
      for (const input of box.querySelectorAll("input")) input.checked = false;
      for (const verdict of box.querySelectorAll(".verdict")) verdict.replaceChildren();
      for (const show of shows) show();
      tell();
      box.querySelector("input").focus();
    });
    box.append(count, again);
    for (const show of shows) show();
    tell();
  }

  // --- the map of the lessons -----------------------------------------------------------------

  function solvedIn(kept, lesson) {
    return Object.values(kept[lesson] ?? {}).filter((one) => one.solved).length;
  }

  // A file of the reader's may hold anything; only what a self-test writes is taken.
  function checked(told) {
    const kept = {};
    for (const [lesson, questions] of Object.entries(told["self-test"])) {
      if (!/^\d\d$/.test(lesson)) continue;
      for (const [key, one] of Object.entries(questions)) {
        if (!/^[0-9a-f]{10}$/.test(key) || !Number.isInteger(one.tries)) continue;
        (kept[lesson] ??= {})[key] = { tries: one.tries, solved: one.solved === true };
      }
    }
    return kept;
  }

  function save(kept) {
    const told = JSON.stringify({ course: document.title, "self-test": kept }, null, 1);
    const address = URL.createObjectURL(new Blob([told], { type: "application/json" }));
    make("a", { href: address, download: "course-self-test.json" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  function startMap(box) {
    const totals = JSON.parse(box.dataset.totals);
    const marks = new Map();
    for (const link of document.querySelectorAll("article td a[href*='notebooks/']")) {
      const lesson = link.getAttribute("href").match(/notebooks\/(\d\d)-/)?.[1];
      if (lesson in totals) {
        marks.set(lesson, make("span", { class: "solved-mark" }));
        link.after(marks.get(lesson));
      }
    }
    const line = make("p", { role: "status", "aria-live": "polite" });
    const button = (words, action) => {
      const one = make("button", { type: "button", class: "course-button" }, words);
      one.addEventListener("click", action);
      return one;
    };
    const show = (words = "") => {
      const kept = read();
      let all = 0;
      let solved = 0;
      for (const [lesson, total] of Object.entries(totals)) {
        const here = Math.min(solvedIn(kept, lesson), total);
        all += total;
        solved += here;
        const words = tr` ${here} of ${total} solved`;
        if (marks.has(lesson)) marks.get(lesson).textContent = here ? words : "";
      }
      const told = tr`${solved} of ${all} questions solved.`;
      line.textContent = words + told;
    };
    const file = make("input", { type: "file", accept: ".json,application/json", hidden: "" });
    file.addEventListener("change", async () => {
      try {
        const told = checked(JSON.parse(await file.files[0].text()));
        const kept = read();
        for (const [lesson, questions] of Object.entries(told)) {
          for (const [key, one] of Object.entries(questions)) {
            if (!kept[lesson]?.[key]?.solved) (kept[lesson] ??= {})[key] = one;
          }
        }
        write(kept);
        show(tr`Opened. `);
      } catch {
        const { name } = file.files[0];
        show(tr`${name} is no file that was saved here. `);
      }
      file.value = "";
    });
    const forget = () => {
      if (!confirm(tr`Forget all that you have solved in this browser?`)) return;
      write({});
      show(tr`Forgotten. `);
    };
    box.replaceChildren(
      line,
      button(tr`Save as a file`, () => save(read())),
      button(tr`Open a file`, () => file.click()),
      button(tr`Forget everything`, forget),
      file,
    );
    show();
    window.addEventListener("storage", () => show());
  }

  for (const box of document.querySelectorAll(".self-test")) startLesson(box);
  for (const box of document.querySelectorAll("#self-test-progress")) startMap(box);
})();
