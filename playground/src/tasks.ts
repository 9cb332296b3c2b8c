// Work that is divided into several tasks, so that none blocks the page for long.

/** Waits for the next task, without the delay of nested timers. */
export const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });

/** If all steps took less time, they are one task, in milliseconds. */
const FAST = 12;

/**
 * Returns a function that calls steps, each in a task of its own if they took long the last time. Steps that have not been called when
 * the next ones come are left out.
 */
export function createSteps(): (steps: readonly (() => void)[]) => void {
  let generation = 0;
  let lastDuration = 0;
  return async (steps) => {
    generation += 1;
    const own = generation;
    const isFast = lastDuration < FAST;
    let duration = 0;
    for (const step of steps) {
      if (!isFast) await nextTask();
      if (own !== generation) return;
      const start = performance.now();
      step();
      duration += performance.now() - start;
    }
    lastDuration = duration;
  };
}
