/** The client of the HTTP API: `vouch/client`. Runs in Node.js and in pages. */
export type {
  BlobSource,
  DryRunRequest,
  ExecutionReport,
  ExecutionRequest,
  Job,
  JobEvent,
  JobPage,
  JobQuery,
  JobState,
  ProgramRecord,
  ProofRequest,
} from '../service/service.ts';
export {
  type CallOptions,
  Client,
  type Expectations,
  hasEnded,
  type ReceiptOptions,
  type SubmitOptions,
  type WatchOptions,
} from './client.ts';
export { ApiError, ClientError, type ClientErrorCode } from './errors.ts';
export type { ClientOptions } from './transport.ts';
