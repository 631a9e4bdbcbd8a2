import { element } from './dom.ts';

/** Takes the file that is chosen or dropped anywhere on the page. */
export function onFile(take: (file: File) => Promise<void>): void {
  const drop = element('drop');
  const input = element<HTMLInputElement>('file');
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file !== undefined) void take(file);
  });
  for (const [event, over] of [
    ['dragover', true],
    ['dragleave', false],
    ['drop', false],
  ] as const) {
    document.addEventListener(event, (dragged) => {
      dragged.preventDefault();
      drop.classList.toggle('over', over);
      const file = event === 'drop' ? dragged.dataTransfer?.files[0] : undefined;
      if (file !== undefined) void take(file);
    });
  }
}
