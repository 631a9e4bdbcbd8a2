import type { VerificationRequest } from '../../service/service.ts';
import { answer, type Exchange, text } from '../exchange.ts';
import { HttpError } from '../problem.ts';
import { blobSource } from '../wire.ts';

const YEAR_SECONDS = 31_536_000;

/** The bytes of a receipt, or one range of them (RFC 9110, section 14). */
export async function receipt(exchange: Exchange): Promise<void> {
  const { service, request, response } = exchange;
  const sha256 = text(exchange, 'sha256');
  const bytes = Buffer.from(await service.receipt(sha256));
  const tag = `"${sha256}"`;
  response.type('application/octet-stream').set({
    ETag: tag,
    'Cache-Control': `private, max-age=${YEAR_SECONDS}, immutable`,
    'Accept-Ranges': 'bytes',
    'Content-Disposition': `attachment; filename="${sha256.slice(0, 16)}.receipt"`,
  });
  const known = request.headers['if-none-match']?.split(/\s*,\s*/) ?? [];
  // Bytes with this name never change, so `no-cache` makes no difference.
  if (known.includes(tag) || known.includes('*')) {
    response.removeHeader('Content-Type');
    response.status(304).end();
    return;
  }
  const condition = request.headers['if-range'];
  const ranges = condition === undefined || condition === tag ? request.range(bytes.length) : -2;
  if (ranges === -1) {
    throw new HttpError(
      'http/range',
      `the receipt has ${bytes.length} bytes`,
      'ask for a range that begins in it',
      { headers: { 'Content-Range': `bytes */${bytes.length}` } },
    );
  }
  // Several ranges, or ones that cannot be read, are answered with the whole.
  const range = typeof ranges === 'object' && ranges.length === 1 ? ranges[0] : undefined;
  if (range === undefined) {
    response.status(200).send(bytes);
    return;
  }
  response.set('Content-Range', `bytes ${range.start}-${range.end}/${bytes.length}`);
  response.status(206).send(bytes.subarray(range.start, range.end + 1));
}

export async function verify({ service, caller, body, response }: Exchange): Promise<void> {
  const { receipt, publicInput, ...rest } = body as VerificationRequest;
  const inputs = publicInput === undefined ? {} : { publicInput: blobSource(publicInput) };
  const report = await service.verify({ ...rest, ...inputs, receipt: blobSource(receipt) }, caller);
  answer(response, 200, report);
}
