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
