// The page itself: what the visitor chooses, and what they see. The networks run in painter.js.

const SMALLEST_SIDE = 16;
const STYLE_SIZE = 512;
const LARGEST_ZOOM = 2.5;

const byId = (id) => document.getElementById(id);
const canvas = byId("canvas");

const state = {
  content: null, // { name, bitmap }
  style: null, // { name, statistics }
  shown: null, // { photograph, result: both ImageData, name, words }
};

class PageError extends Error {}

// ---- the networks ------------------------------------------------------------------------------

const painter = new Worker("painter.js", { type: "module" });
const waiting = new Map();

painter.onmessage = ({ data }) => {
  const { resolve, reject } = waiting.get(data.id);
  waiting.delete(data.id);
  if (data.error) reject(new PageError(data.error));
  else resolve(data.answer);
};

painter.onerror = (event) => {
  const problem = new PageError(`the networks could not be started (${event.message}).`);
  for (const { reject } of waiting.values()) reject(problem);
  waiting.clear();
  report(problem);
};

/** Let the painter do something: "measure" a style or "paint" a content. */
function ask(task, details) {
  const id = crypto.getRandomValues(new Uint32Array(1))[0];
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    painter.postMessage({ id, task, ...details });
  });
}

// ---- pictures ----------------------------------------------------------------------------------

/** A file as a bitmap, turned as its camera noted. */
async function readPicture(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new PageError(
      `${file.name}: this browser cannot read it as an image. Save it as PNG or JPEG and try again.`,
    );
  }
}

/** The pixels of a bitmap, shrunk so that the longer side is at most `size`. */
function pixelsOf(bitmap, size, name) {
  const scale = Math.min(1, size / Math.max(bitmap.width, bitmap.height));
  const width = Math.round(bitmap.width * scale);
  const height = Math.round(bitmap.height * scale);
  if (Math.min(width, height) < SMALLEST_SIDE) {
    throw new PageError(
      `${name}: ${width} × ${height} pixels are too few. Each side must have at least ${SMALLEST_SIDE}.`,
    );
  }
  const sheet = new OffscreenCanvas(width, height);
  const pen = sheet.getContext("2d");
  // As in the course's library: what is transparent is laid on white.
  pen.fillStyle = "white";
  pen.fillRect(0, 0, width, height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, width, height);
  return pen.getImageData(0, 0, width, height);
}

/** What a chosen file gives; where it is no use, the field is emptied, so that it says so. */
async function chosen(field, read) {
  try {
    return await read();
  } catch (problem) {
    field.value = "";
    throw problem;
  }
}

function show(pixels, words) {
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  // A small picture is not blown up until it is all blur.
  canvas.style.maxWidth = `${LARGEST_ZOOM * pixels.width}px`;
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  canvas.setAttribute("aria-label", words);
}

// ---- stylizing ---------------------------------------------------------------------------------

let busy = false;
let again = false;

/** Stylize with the settings as they are; while that runs, only the newest wish is kept. */
async function stylize() {
  if (!state.content || !state.style) return;
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  canvas.classList.add("busy");
  do {
    again = false;
    await stylizeOnce().catch(report);
  } while (again);
  busy = false;
  canvas.classList.remove("busy");
}

async function stylizeOnce() {
  const { content, style } = state;
  const strength = Number(byId("strength").value) / 100;
  const photograph = pixelsOf(content.bitmap, Number(byId("size").value), content.name);
  say(`Painting ${photograph.width} × ${photograph.height} pixels.`);
  const begun = performance.now();
  const result = await ask("paint", { pixels: photograph, statistics: style.statistics, strength });
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  state.shown = { photograph, result, name: `${stem(content.name)}-${stem(style.name)}.png` };
  byId("before").setAttribute("aria-pressed", "false");
  state.shown.words = `${content.name} in the style ${style.name} at ${Math.round(100 * strength)} %`;
  show(result, state.shown.words);
  for (const id of ["before", "download"]) byId(id).disabled = false;
  say(`${style.name} at ${Math.round(100 * strength)} %: painted in ${seconds} s.`);
}

function stem(name) {
  return name.replace(/\.[^.]*$/, "").replaceAll(" ", "-");
}

// ---- what is said ------------------------------------------------------------------------------

function say(words) {
  byId("error").textContent = "";
  byId("status").textContent = words;
}

function report(problem) {
  byId("status").textContent = "";
  const words = problem instanceof PageError ? problem.message : `something went wrong (${problem}).`;
  byId("error").textContent = words;
}

/** Run an event's answer; whatever goes wrong is shown on the page. */
const safely =
  (act) =>
  async (...events) => {
    try {
      await act(...events);
    } catch (problem) {
      report(problem);
    }
  };

// ---- what the visitor does ---------------------------------------------------------------------

byId("picture").addEventListener(
  "change",
  safely(async ({ target }) => {
    const [file] = target.files;
    if (!file) return;
    const bitmap = await chosen(target, async () => {
      const found = await readPicture(file);
      pixelsOf(found, Number(byId("size").value), file.name);
      return found;
    });
    state.content = { name: file.name, bitmap };
    await stylize();
  }),
);

byId("own-style").addEventListener(
  "change",
  safely(async ({ target }) => {
    const [file] = target.files;
    if (!file) return;
    const pixels = await chosen(target, async () =>
      pixelsOf(await readPicture(file), STYLE_SIZE, file.name),
    );
    say(`Measuring ${file.name}.`);
    const statistics = await ask("measure", { pixels });
    for (const radio of document.querySelectorAll("input[name=style]")) radio.checked = false;
    choose({ name: file.name, statistics });
    await stylize();
  }),
);

byId("strength").addEventListener("input", ({ target }) => {
  byId("shown-strength").textContent = `${target.value} %`;
});
byId("strength").addEventListener("change", safely(stylize));
byId("size").addEventListener("change", safely(stylize));
byId("controls").addEventListener("submit", (event) => event.preventDefault());

byId("before").addEventListener("click", ({ target }) => {
  const before = target.getAttribute("aria-pressed") !== "true";
  target.setAttribute("aria-pressed", String(before));
  const { photograph, result, words } = state.shown;
  show(before ? photograph : result, before ? "The photograph" : words);
});

byId("download").addEventListener(
  "click",
  safely(async () => {
    const { result, name } = state.shown;
    const sheet = new OffscreenCanvas(result.width, result.height);
    sheet.getContext("2d").putImageData(result, 0, 0);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await sheet.convertToBlob({ type: "image/png" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`Saved as ${name}.`);
  }),
);

function choose(style) {
  state.style = style;
  byId("style-name").textContent = style.name;
}

// ---- the start ---------------------------------------------------------------------------------

async function fetched(name) {
  const answer = await fetch(name);
  if (!answer.ok) throw new PageError(`${name} could not be loaded (${answer.status}). Load the page again.`);
  return answer;
}

function tile(style) {
  const radio = Object.assign(document.createElement("input"), {
    type: "radio",
    name: "style",
    value: style.name,
  });
  const picture = Object.assign(document.createElement("img"), {
    src: style.file,
    alt: style.name,
    title: `${style.name}: ${style.title}`,
    width: 96,
    height: 96,
  });
  radio.addEventListener(
    "change",
    safely(() => {
      byId("own-style").value = "";
      choose(style);
      return stylize();
    }),
  );
  const label = document.createElement("label");
  label.append(radio, picture);
  return label;
}

async function start() {
  const { styles, example } = await (await fetched("styles.json")).json();
  for (const style of styles) style.statistics = new Float32Array(style.statistics);
  byId("tiles").append(...styles.map(tile));
  byId("example-author").textContent = `${example.title}, by ${example.author}, ${example.license}`;
  const [first] = document.querySelectorAll("input[name=style]");
  first.checked = true;
  choose(styles[0]);
  const bitmap = await createImageBitmap(await (await fetched("example.jpg")).blob());
  // A visitor may have been faster.
  state.content ??= { name: example.name, bitmap };
  show(pixelsOf(bitmap, Number(byId("size").value), example.name), "The photograph");
  say("Loading the networks.");
  await stylize();
}

start().catch(report);
