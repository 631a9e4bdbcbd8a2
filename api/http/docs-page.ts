/** The document for people: one page without a script. */
import { mediaType } from './openapi.ts';
import { type Answer, type Content, OPERATIONS, type Operation } from './operations.ts';
import { anchor, PROBLEM_CODES, type ProblemCode, statusOf, TITLES } from './problem.ts';

export function docsPage(version: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Vouch: the HTTP API</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
</head>
<body>
<header class="top">
<a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="20" height="20"> Vouch</a>
<nav aria-label="Pages">
<a href="/">Jobs</a>
<a href="/new">New</a>
<a href="/receipt">Receipt</a>
<a href="/docs" aria-current="page">API</a>
</nav>
</header>
<main class="prose">
<h1>The HTTP API</h1>
<p>Version ${escapeHtml(version)}. The same for programs: <a href="/v1/openapi.json">OpenAPI 3.1</a>.
Bytes in JSON are base 64, times are milliseconds since 1970. Errors are
<code>application/problem+json</code> with a <code>code</code> from the table below. Every operation
may answer <code>request/invalid</code>, <code>scope/missing</code>, and what begins with
<code>http/</code> or <code>auth/</code>; the others stand beside those that do.</p>
<h2>Operations</h2>
${OPERATIONS.map(operationSection).join('\n')}
<h2>Problems</h2>
<table>
<thead><tr><th>code</th><th>status</th><th>means</th></tr></thead>
<tbody>
${PROBLEM_CODES.map(
  (code) =>
    `<tr id="${anchor(code)}"><td><code>${code}</code></td><td>${statusOf(code)}</td><td>${escapeHtml(TITLES[code])}</td></tr>`,
).join('\n')}
</tbody>
</table>
</main>
</body>
</html>
`;
}

function operationSection(operation: Operation): string {
  const {
    id,
    method,
    path,
    summary,
    scope,
    parameters = [],
    body,
    answers,
    problems = [],
  } = operation;
  const facts = [
    ...(scope === undefined ? [] : [['Scope', `<code>${scope}</code>`]]),
    ...(body === undefined ? [] : [['Body', contentText(body)]]),
    ...parameters.map(({ name, in: place, description }) => [
      `${place} <code>${escapeHtml(name)}</code>`,
      marked(description),
    ]),
    ...Object.entries(answers).map(([status, answer]) => [status, answerText(answer)]),
    ...(problems.length === 0 ? [] : [['Problems', problems.map(problemLink).join(', ')]]),
  ];
  return `<section id="${id}">
<h3><code>${method.toUpperCase()} ${escapeHtml(path)}</code></h3>
<p>${marked(summary)}</p>
<dl>${facts.map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`).join('')}</dl>
</section>`;
}

function problemLink(code: ProblemCode): string {
  return `<a href="#${anchor(code)}">${code}</a>`;
}

function answerText({ description, content, headers = {} }: Answer): string {
  const names = Object.keys(headers).map((name) => `<code>${name}</code>`);
  const parts = [
    marked(description),
    ...(content === undefined ? [] : [contentText(content)]),
    ...(names.length === 0 ? [] : [`Headers: ${names.join(', ')}.`]),
  ];
  return parts.join(' ');
}

function contentText(content: Content): string {
  const schema =
    'json' in content ? content.json : 'events' in content ? content.events : undefined;
  const type = `<code>${mediaType(content)}</code>`;
  return schema === undefined ? type : `${type}, schema <code>${schema}</code>`;
}

/** Text with what stands between backticks as code. */
function marked(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]*)`/g, '<code>$1</code>');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
