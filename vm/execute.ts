import type { ExecuteOptions, Execution } from './execution.ts';
import type { Program } from './program.ts';
import { Run } from './run.ts';

/**
 * Runs a program to its end without recording. The same program and inputs give the same result,
 * whatever the limits that it stays below.
 *
 * @throws LimitError when a limit is reached, OptionError for an option out of range, and
 *   `signal.reason` when the signal is aborted
 */
export async function execute(program: Program, options: ExecuteOptions = {}): Promise<Execution> {
  options.signal?.throwIfAborted();
  const run = new Run(program, options, 0);
  try {
    await run.advance(Number.POSITIVE_INFINITY, (budget) => run.machine.run(budget));
    if (run.outcome === undefined) throw new Error('the run did not end');
    return run.execution(run.outcome, run.machine.touchedPageNumbers.length);
  } finally {
    run.machine.release();
  }
}
