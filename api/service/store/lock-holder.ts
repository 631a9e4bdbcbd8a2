/** Who has the lock of a data directory, and whether that process lives. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { LifeSignAnswer } from './life-sign.ts';
import type { LockHolder } from './lock-file.ts';

export interface ProcessHolder extends LockHolder {
  readonly process: number;
  readonly host: string;
  /** When the process began, in the system's own units; undefined where the system does not say. */
  readonly started?: string;
  /** Of the kernel since it started; undefined where the system does not say. */
  readonly boot?: string;
  /** Whether the file system of the lock is, as the holder sees it, one that a single kernel has. */
  readonly isLocal?: boolean;
}

/** What this process sees of a holder. */
export interface Evidence {
  readonly sign: LifeSignAnswer;
  /** Whether there is a process of the holder's number here. */
  readonly runs: boolean;
  /** When that process began; undefined where this process may not see that. */
  readonly started: string | undefined;
}

export async function thisHolder(token: string, isLocal: boolean): Promise<ProcessHolder> {
  const [started, boot] = [await startOf(process.pid), await bootId()];
  return {
    ...{ process: process.pid, host: hostname(), token, isLocal },
    ...(started !== undefined && { started }),
    ...(boot !== undefined && { boot }),
  };
}

/** Undefined if it is none. */
export function parseHolder(text: string): ProcessHolder | undefined {
  try {
    const value = JSON.parse(text) as Partial<ProcessHolder> | null;
    const isHolder =
      Number.isInteger(value?.process) &&
      typeof value?.host === 'string' &&
      /^[\w-]+$/.test(String(value?.token));
    return isHolder ? (value as ProcessHolder) : undefined;
  } catch {
    return undefined;
  }
}

/** False only if the holder is certainly dead. */
export function lives(
  holder: ProcessHolder,
  own: Pick<ProcessHolder, 'host' | 'boot' | 'isLocal'>,
  { sign, runs, started }: Evidence,
): boolean {
  if (sign === 'lives') return true;
  const knowsBoots = holder.boot !== undefined && own.boot !== undefined;
  const isSameBoot = knowsBoots && holder.boot === own.boot;
  // One machine's disk may be another's file system in a network: then only one of them sees a disk.
  const isLocal = holder.isLocal === true && own.isLocal === true;
  // A kernel refuses for the sockets of other kernels too.
  if (sign === 'refused' && (isLocal || isSameBoot)) return false;
  if (holder.host !== own.host) return true;
  if (knowsBoots && !isSameBoot) return !isLocal;
  const knowsStarts = holder.started !== undefined && started !== undefined;
  return runs && (!knowsStarts || holder.started === started);
}

export function runs(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began (Linux: proc(5), field 22 of `stat`). */
export async function startOf(id: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => undefined);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/** Linux: random(4). */
async function bootId(): Promise<string | undefined> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
  return text?.trim();
}
