/** Requests to addresses that callers name: never to those of the service's own network. */
import { lookup } from 'node:dns';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { BlockList, isIP } from 'node:net';

const TIMEOUT_MILLISECONDS = 15_000;

/** Special-purpose addresses (IANA registries, RFC 6890 and later): none is on the public network. */
const NOT_PUBLIC = new BlockList();
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  NOT_PUBLIC.addSubnet(address, bits, 'ipv4');
}
/** The public part of IPv6 is one block; in it lie these exceptions, and addresses of IPv4. */
const GLOBAL_V6 = new BlockList();
GLOBAL_V6.addSubnet('2000::', 3, 'ipv6');
for (const [address, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  NOT_PUBLIC.addSubnet(address, bits, 'ipv6');
}

export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !NOT_PUBLIC.check(address, 'ipv4');
  const isGlobal = family === 6 && GLOBAL_V6.check(address, 'ipv6');
  return isGlobal && !NOT_PUBLIC.check(address, 'ipv6');
}

/**
 * Posts a text. The address is checked where the connection is made, so that a name cannot lead
 * elsewhere meanwhile; redirections are not followed.
 *
 * @param allowPrivate lets it go to any address
 * @param signal gives the request up
 * @returns what went wrong; undefined after an answer of 2xx
 */
export async function postPublic(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  allowPrivate: boolean,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { protocol, hostname } = new URL(url);
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(literal) !== 0 && !isPublicAddress(literal)) return refusal(literal);
  const late = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const request = protocol === 'https:' ? requestSecure : requestPlain;
  return await new Promise((resolve) => {
    const sent = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
      agent: false,
      lookup: (name, options, callback) => {
        lookup(name, { ...options, all: true }, (error, addresses) => {
          if (error !== null) return callback(error, []);
          const found = addresses.filter(({ address }) => allowPrivate || isPublicAddress(address));
          const [first] = found;
          if (first !== undefined && options.all === true) return callback(null, found);
          if (first !== undefined) return callback(null, first.address, first.family);
          return callback(new Error(refusal(addresses.map((a) => a.address).join(', '))), []);
        });
      },
    });
    sent.on('response', ({ statusCode = 0 }) => {
      sent.destroy();
      resolve(statusCode >= 200 && statusCode < 300 ? undefined : `it answered ${statusCode}`);
    });
    sent.on('error', (error) => resolve(error.message || String(error)));
    sent.end(body);
  });
}

function refusal(address: string): string {
  return `${address} is not on the public network`;
}
