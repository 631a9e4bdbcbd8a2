let controller: AbortController | undefined;

/** Aborted by the first SIGINT; the second one ends the process at once. */
export function interruptSignal(): AbortSignal {
  if (controller === undefined) {
    const created = new AbortController();
    controller = created;
    process.on('SIGINT', () => {
      if (created.signal.aborted) process.exit(130);
      created.abort();
    });
  }
  return controller.signal;
}

/** Resolves at the first SIGTERM or SIGINT; the second one ends the process at once. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const [signal, exitCode] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      process.on(signal, () => {
        if (isStopping) process.exit(exitCode);
        isStopping = true;
        resolve();
      });
    }
  });
}
