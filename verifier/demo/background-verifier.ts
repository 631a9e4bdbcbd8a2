/** The verifier in a worker of its own, so that the page goes on answering. */
import { type InspectedReceipt, VerificationError, type VerifiedRun } from '@vouch/verifier';
import type { FormValues } from './form.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

interface OpenRequest {
  readonly resolve: (reply: WorkerReply) => void;
  readonly reject: (error: unknown) => void;
  readonly onSegment: (segment: number, segments: number) => void;
}

export class BackgroundVerifier {
  readonly #worker: Worker;
  readonly #open = new Map<number, OpenRequest>();
  #requests = 0;
  #failure: Error | undefined;

  /** @param worker has begun with `verify-worker.ts` */
  constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener('message', ({ data }) => this.#receive(data));
    worker.addEventListener('error', ({ message = 'its script cannot be loaded' }) => {
      this.#failure = new Error(`the worker has failed: ${message}`);
      for (const { reject } of this.#open.values()) reject(this.#failure);
      this.#open.clear();
    });
  }

  /** @throws VerificationError where it is no receipt; Error where the worker has failed */
  async inspect(receipt: Uint8Array): Promise<InspectedReceipt> {
    const reply = await this.#ask({ kind: 'inspect', number: ++this.#requests, receipt });
    if (reply.kind === 'inspected') return reply.found;
    throw new Error(`the worker has answered ${reply.kind}`);
  }

  /** @throws VerificationError where it is not valid; Error where the worker has failed */
  async verify(
    receipt: Uint8Array,
    expected: FormValues,
    onSegment: OpenRequest['onSegment'],
  ): Promise<VerifiedRun> {
    const request = { kind: 'verify', number: ++this.#requests, receipt, expected } as const;
    const reply = await this.#ask(request, onSegment);
    if (reply.kind === 'verified') return reply.run;
    throw new Error(`the worker has answered ${reply.kind}`);
  }

  #ask(
    request: WorkerRequest,
    onSegment: OpenRequest['onSegment'] = () => {},
  ): Promise<WorkerReply> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      this.#open.set(request.number, { resolve, reject, onSegment });
      this.#worker.postMessage(request);
    });
  }

  #receive(reply: WorkerReply): void {
    const open = this.#open.get(reply.number);
    if (reply.kind === 'segment') {
      open?.onSegment(reply.segment, reply.segments);
      return;
    }
    this.#open.delete(reply.number);
    if (reply.kind === 'invalid') {
      const { check, reason, details } = reply.failure;
      open?.reject(new VerificationError(check, reason, details));
    } else if (reply.kind === 'failed') open?.reject(new Error(reply.message));
    else open?.resolve(reply);
  }
}
