// The networks, in a thread of their own, so that the page answers while they run. The page starts
// this as text, because a page that was opened as a file may start no worker from one.

let ort = null;
const sessions = new Map(); // name -> session

const tasks = {
  /** The program that runs networks: its JavaScript and its WebAssembly. */
  async start({ program, binary }) {
    const address = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
    ort = await import(address);
    ort.env.wasm.wasmBinary = binary;
    // Several threads need memory that they share, which browsers allow to isolated pages only.
    ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency) : 1;
  },

  async load({ name, model }) {
    sessions.set(name, await ort.InferenceSession.create(model));
  },

  /** Named tensors {data, dims} in, named tensors out. */
  async run({ name, feeds }) {
    const tensors = Object.entries(feeds).map(([input, { data, dims }]) => [
      input,
      new ort.Tensor("float32", data, dims),
    ]);
    const made = await sessions.get(name).run(Object.fromEntries(tensors));
    const plain = Object.entries(made).map(([output, { data, dims }]) => [output, { data, dims }]);
    return Object.fromEntries(plain);
  },
};

// One after the other, in the order in which they were asked for.
let last = Promise.resolve();

self.onmessage = ({ data }) => {
  last = last.then(async () => {
    try {
      const answer = await tasks[data.task](data);
      // Numbers that were made here are handed over, and not copied.
      const made = Object.values(answer ?? {}).map((tensor) => tensor.data.buffer);
      self.postMessage({ id: data.id, answer }, made);
    } catch (problem) {
      self.postMessage({ id: data.id, error: String(problem.message ?? problem) });
    }
  });
};
