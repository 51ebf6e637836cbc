import type { Directive, Place } from '../language/directive.ts';
import type { Word } from './lexer.ts';

/** A directive as it stands in the text, its arguments not yet looked at. */
export interface Node {
  readonly name: Word;
  readonly args: readonly Word[];
  /** What the name means where it stands; undefined when it means nothing there. */
  readonly directive: Directive | undefined;
  readonly block: Block | undefined;
}

export interface Block {
  /** What may stand in it; undefined for the block of a directive that is unknown or takes none. */
  readonly place: Place | undefined;
  readonly nodes: readonly Node[];
  /** `stream cam01`, for messages. */
  readonly title: string;
  /** Where it was opened; undefined for what stands outside all blocks. */
  readonly line: number | undefined;
}

/** The word that findings about a directive point at: its first argument, such as the name of a stream, else the directive. */
export function firstWord(node: Node): Word {
  return node.args[0] ?? node.name;
}
