import { type BrowserContext, chromium } from 'playwright-core';
import { pathOf } from '../tools/tools.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Path of Chromium; undefined where there is none. */
export const CHROMIUM: string | undefined = pathOf('chromium');

/** @param profile a folder for what the browser keeps */
export async function startChromium(profile: string): Promise<BrowserContext> {
  if (CHROMIUM === undefined) throw new Error('there is no Chromium');
  return chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args: FLAGS });
}
