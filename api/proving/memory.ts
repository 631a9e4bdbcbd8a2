/** How much memory there is, within the limits of a container. */
import { freemem, totalmem } from 'node:os';

/** Bytes of the machine, or of the container that this process is in. */
export function machineBytes(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Bytes that this process can still get. */
export function availableBytes(): number {
  return process.availableMemory?.() ?? freemem();
}
