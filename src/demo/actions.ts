/** What a key or a typed line asks of the demonstration. */
export type Action =
  | { readonly type: 'select'; readonly index: number }
  | { readonly type: 'kill' | 'freeze' | 'drain' | 'restart'; readonly index: number | undefined }
  | { readonly type: 'quit' };

const verbs = { k: 'kill', f: 'freeze', d: 'drain', r: 'restart' } as const;

/** A key of the terminal: it means the chosen server. Undefined for a key without a meaning. */
export function actionOfKey(key: string): Action | undefined {
  if (/^[1-9]$/.test(key)) return { type: 'select', index: Number(key) - 1 };
  if (key === 'q' || key === '\u0003' || key === '\u0004') return { type: 'quit' };
  const verb = verbs[key.toLowerCase() as keyof typeof verbs];
  return verb === undefined ? undefined : { type: verb, index: undefined };
}

/** A line where there is no terminal: the same letters, the server's number behind: `k2`, `r 2`, `q`. */
export function actionOfLine(line: string): Action | undefined {
  const match = /^\s*([a-z])\s*([1-9])?\s*$/i.exec(line);
  const action = match?.[1] === undefined ? undefined : actionOfKey(match[1]);
  if (action === undefined || action.type === 'quit' || action.type === 'select') return action;
  return match?.[2] === undefined ? undefined : { type: action.type, index: Number(match[2]) - 1 };
}

/** The answer to a key or line without a meaning. Of an arrow key or a pasted text only what can be shown is. */
export function notUnderstood(typed: string): string {
  const shown = typed.replace(/[^\x20-\x7e]/g, '').slice(0, 20);
  return `${shown === '' ? 'that key' : `'${shown}'`} means nothing here: there are k, f, d, r and q, and the numbers of the servers`;
}
