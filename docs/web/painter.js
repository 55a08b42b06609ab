// The networks, in a thread of their own, so that the page answers while they run.

import * as ort from "./runtime/ort.wasm.min.mjs";

ort.env.wasm.wasmPaths = new URL("runtime/", import.meta.url).href;
// Several threads need memory that they share, which browsers allow to isolated pages only.
ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;

const sessions = {};

/** The network of that name, loaded when it is first asked for. */
function session(name) {
  sessions[name] ??= ort.InferenceSession.create(new URL(`${name}.onnx`, import.meta.url).href).catch(
    (problem) => {
      delete sessions[name];
      throw problem;
    },
  );
  return sessions[name];
}

/** Pixels of a canvas -> tensor (1, height, width, 3) in [0, 1]. */
function toTensor({ data, width, height }) {
  const values = new Float32Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    values[to++] = data[from] / 255;
    values[to++] = data[from + 1] / 255;
    values[to++] = data[from + 2] / 255;
  }
  return new ort.Tensor("float32", values, [1, height, width, 3]);
}

/** The way back; the rounding is done by the array. */
function toPixels(tensor) {
  const [, height, width] = tensor.dims;
  const pixels = new ImageData(width, height);
  for (let from = 0, to = 0; from < tensor.data.length; to += 4) {
    pixels.data[to] = 255 * tensor.data[from++];
    pixels.data[to + 1] = 255 * tensor.data[from++];
    pixels.data[to + 2] = 255 * tensor.data[from++];
    pixels.data[to + 3] = 255;
  }
  return pixels;
}

const tasks = {
  async measure({ pixels }) {
    const found = await (await session("measure")).run({ style: toTensor(pixels) });
    return found.statistics.data;
  },
  async paint({ pixels, statistics, strength }) {
    const made = await (await session("paint")).run({
      content: toTensor(pixels),
      statistics: new ort.Tensor("float32", statistics, [1, statistics.length]),
      strength: new ort.Tensor("float32", [strength], []),
    });
    return toPixels(made.image);
  },
};

self.onmessage = async ({ data }) => {
  try {
    self.postMessage({ id: data.id, answer: await tasks[data.task](data) });
  } catch (problem) {
    const words = `the networks could not do it (${problem.message ?? problem}). Try a smaller size.`;
    self.postMessage({ id: data.id, error: words });
  }
};
