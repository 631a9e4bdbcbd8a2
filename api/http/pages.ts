/** The pages, as `npm run pages` has written them; all of them are in memory. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Response, Router } from 'express';

/** Compiled code lies in `dist/api/http`. */
const FOLDER = fileURLToPath(new URL('../../pages/', import.meta.url));

const PAGES: readonly (readonly [path: string, file: string])[] = [
  ['/', 'jobs.html'],
  ['/jobs/:id', 'job.html'],
  ['/new', 'new.html'],
  ['/receipt', 'receipt.html'],
];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** @returns undefined where the pages were not built */
export function pagesRouter(folder: string = FOLDER): Router | undefined {
  const files = readFiles(folder);
  if (files.size === 0) return undefined;
  const router = Router({ caseSensitive: true, strict: true });
  for (const [path, file] of PAGES) router.get(path, (_, response) => send(file, response));
  router.get('/assets/:file', (request, response, next) => {
    const { file } = request.params;
    if (files.has(file) && !file.endsWith('.html')) send(file, response);
    else next();
  });
  return router;

  function send(file: string, response: Response): void {
    const bytes = files.get(file);
    if (bytes === undefined) throw new Error(`the pages were built without ${file}`);
    const tag = createHash('sha256').update(bytes).digest('base64url');
    response.set({ ETag: `"${tag}"`, 'Cache-Control': 'no-cache' });
    response.set('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream').send(bytes);
  }
}

function readFiles(folder: string): Map<string, Buffer> {
  try {
    const names = readdirSync(folder).filter((name) => extname(name) in TYPES);
    return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}
