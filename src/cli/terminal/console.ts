/** What every command writes to and ends with; a test supplies its own. */
export interface Console {
  /** To standard output, as it is. */
  readonly write: (text: string) => void;
  /** To standard error, as it is. */
  readonly complain: (text: string) => void;
  /** The code with which the process ends when the command is done: 0 fine, 1 the user's input is wrong, 2 it failed at run time. */
  readonly exit: (code: 0 | 1 | 2) => void;
}
