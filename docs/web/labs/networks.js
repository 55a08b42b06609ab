// The course's networks in the page: loaded when they are wanted, run by worker.js.

(() => {
  const { course } = window;
  const networks = (course.networks = {});
  const waiting = new Map(); // number of a message -> what to do with its answer
  const loaded = new Map(); // name of a network, or "" for the program -> promise
  let worker = null;
  let count = 0;

  function ask(task, details = {}, handedOver = []) {
    return new Promise((resolve, reject) => {
      waiting.set(++count, { resolve, reject });
      worker.postMessage({ id: count, task, ...details }, handedOver);
    });
  }

  function startWorker(text) {
    worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
    worker.onmessage = ({ data }) => {
      const { resolve, reject } = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.error === undefined) resolve(data.answer);
      else reject(new course.CourseError(tr`The networks could not do it: ${data.error}`));
    };
    worker.onerror = (event) => {
      const problem = new course.CourseError(tr`The networks could not start: ${event.message}`);
      for (const { reject } of waiting.values()) reject(problem);
      waiting.clear();
    };
  }

  async function startProgram() {
    const [text, program, binary] = await Promise.all(
      ["worker", "runtime", "runtime-wasm"].map((name) => course.bytes(name)),
    );
    startWorker(text);
    const own = [program, binary].map((bytes) => bytes.slice());
    await ask("start", { program: own[0], binary: own[1] }, [own[1].buffer]);
    course.forget("runtime-wasm");
  }

  async function loadNetwork(name) {
    const model = (await course.bytes(`network-${name}`)).slice();
    await ask("load", { name, model }, [model.buffer]);
    course.forget(`network-${name}`);
  }

  function once(name, load) {
    if (!loaded.has(name)) {
      const loading = load();
      loading.catch(() => loaded.delete(name));
      loaded.set(name, loading);
    }
    return loaded.get(name);
  }

  /** Have these networks ready, and show in the lab how much has come. */
  networks.prepare = async (lab, names) => {
    const data = ["worker", "runtime", "runtime-wasm", ...names.map((name) => `network-${name}`)];
    const tell = (share) => lab.progress(0.95 * share, tr`Loading the networks, once.`);
    if (!loaded.has("")) await course.load(data, tell);
    lab.progress(0.95, tr`Starting the networks.`);
    await once("", startProgram);
    for (const name of names) await once(name, () => loadNetwork(name));
    lab.progress(1, "");
  };

  /** Run a network: named tensors {data, dims} in, a promise of named tensors out. */
  networks.run = (name, feeds) => ask("run", { name, feeds });

  /**
   * A promise of what a function makes of something, found in a thread that ends with it.
   * @param {Function} work uses nothing from around it, because only its text gets there
   */
  networks.beside = (work, given) =>
    new Promise((resolve, reject) => {
      const program = `self.onmessage = ({ data }) => self.postMessage((${work})(data));`;
      const address = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
      const thread = new Worker(address);
      const ending = (settle) => (event) => {
        thread.terminate();
        URL.revokeObjectURL(address);
        settle(event);
      };
      thread.onmessage = ending(({ data }) => resolve(data));
      thread.onerror = ending(({ message }) =>
        reject(new course.CourseError(tr`The networks could not do it: ${message}`)),
      );
      thread.postMessage(given);
    });

  /** Numbers as a tensor. */
  networks.tensor = (data, dims = [data.length]) => ({ data: Float32Array.from(data), dims });
  networks.number = (value) => ({ data: new Float32Array([value]), dims: [] });

  /** A picture as a tensor (1, height, width, 3), and the way back. */
  networks.fromPicture = ({ width, height, data }) => ({ data, dims: [1, height, width, 3] });
  networks.toPicture = ({ data, dims }) => ({ height: dims[1], width: dims[2], data });
})();
