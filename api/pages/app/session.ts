/** The client of the service that the page is from, and what a page says when a call fails. */

import { element } from '../../../verifier/demo/dom.ts';
import { problemCard } from '../../../verifier/demo/result.ts';
import { ApiError, Client } from '../../client/index.ts';

const KEY = 'vouch-api-key';

/** With the key that was entered in this tab, if one was. */
export function client(): Client {
  const key = sessionStorage.getItem(KEY);
  return new Client(key === null ? {} : { key });
}

/** Does something with the service; asks for a key where the service does, and then does it again. */
export async function attempt(action: () => Promise<void>): Promise<void> {
  const problem = element('problem');
  try {
    await action();
    problem.replaceChildren();
    element('key-form').hidden = true;
  } catch (error) {
    const isKey = error instanceof ApiError && /^(auth|scope)\//.test(error.code);
    problem.replaceChildren(
      problemCard(isKey ? 'An API key is needed' : 'That did not work', textOf(error)),
    );
    if (isKey) askForKey(action);
  }
}

/** Marks the page in the navigation. */
export function beginPage(name: string): void {
  document.querySelector(`nav [data-page="${name}"]`)?.setAttribute('aria-current', 'page');
}

function askForKey(action: () => Promise<void>): void {
  const form = element<HTMLFormElement>('key-form');
  const field = element<HTMLInputElement>('key');
  form.hidden = false;
  field.focus();
  form.onsubmit = (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY, field.value.trim());
    field.value = '';
    void attempt(action);
  };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { remedy } = error as { readonly remedy?: string };
  return remedy ? `${error.message}. What helps: ${remedy}.` : error.message;
}
