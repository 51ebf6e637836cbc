import type { Arguments, Directive, Options } from '../language/directive.ts';
import { directivesNamed, nearestName, optionsNamed, placesOf } from '../language/lookup.ts';
import type { Reporter } from '../syntax/reporter.ts';
import { whereIs } from '../syntax/source-text.ts';
import type { Block, Node } from '../syntax/syntax-tree.ts';
import { type Reading, readArguments } from './reading.ts';

/** The directives of one block, sorted by the table: what does not belong there has been reported and is left out. */
export class Section {
  readonly #block: Block;
  readonly #reporter: Reporter;
  readonly #nodes = new Map<Directive, Node[]>();

  constructor(block: Block, reporter: Reporter) {
    this.#block = block;
    this.#reporter = reporter;
    for (const node of block.nodes) this.#sort(node);
  }

  /** Every use of the directive whose arguments are right, in the order of the text. */
  all<A extends Arguments, O extends Options>(directive: Directive<A, O>): Reading<A, O>[] {
    const nodes = this.#nodes.get(directive) ?? [];
    return nodes.flatMap((node) => readArguments(directive, node, this.#reporter) ?? []);
  }

  /** The one use of the directive; undefined when it is absent or wrong. */
  one<A extends Arguments, O extends Options>(directive: Directive<A, O>): Reading<A, O> | undefined {
    return this.all(directive)[0];
  }

  /** Whether the directive stands there at all, right or wrong: what is wrong needs no second complaint that it is missing. */
  has(directive: Directive): boolean {
    return this.#nodes.has(directive);
  }

  #sort(node: Node): void {
    const { directive } = node;
    if (directive === undefined) this.#reportStranger(node);
    else if (directive.later && directive.args.length === 0) this.#reportLater(node, directive);
    else if (this.#hasRightBlock(node, directive) && this.#isFirst(node, directive)) {
      // What is wrong with it is told before it does anything.
      if (directive.later) this.#reportLater(node, directive);
      const nodes = this.#nodes.get(directive);
      if (nodes === undefined) this.#nodes.set(directive, [node]);
      else nodes.push(node);
    }
  }

  #reportStranger(node: Node): void {
    const [known] = directivesNamed(node.name.value);
    if (known !== undefined) {
      const { title, line } = this.#block;
      const here = line === undefined ? 'outside all blocks' : `in \`${title}\`, which began on line ${line}`;
      this.#reporter.error(node.name, `\`${node.name.value}\` may not stand ${here}`, `it stands ${placesOf(known)}`);
      return;
    }
    const shown = this.#reporter.shown(node.name);
    if (shown === undefined) {
      this.#reporter.error(node.name, 'this is no directive', otherLanguage(node) ?? needsQuotes);
      return;
    }
    this.#reporter.error(node.name, `unknown directive \`${shown}\``, this.#meant(node));
  }

  #meant(node: Node): string {
    const { value } = node.name;
    const [option] = optionsNamed(value);
    if (option !== undefined) return `it is an option: ${option.line.name} ${value}=${option.option.type.label}`;
    const near = this.#reporter.isFull ? undefined : nearestName(value, this.#block.place);
    return near === undefined
      ? (otherLanguage(node) ?? '`headwater help` lists all directives')
      : `did you mean \`${near}\`?`;
  }

  #reportLater(node: Node, directive: Directive): void {
    this.#reporter.warning(node.name, `this version does not do \`${directive.name}\` yet: the line has no effect`);
  }

  #hasRightBlock(node: Node, directive: Directive): boolean {
    if (node.block !== undefined && directive.block === undefined) {
      this.#reporter.error(node.name, `\`${directive.name}\` takes no block`, `for example: ${directive.example}`);
      return false;
    }
    if (node.block === undefined && directive.blockRequired) {
      this.#reporter.error(node.name, `\`${directive.name}\` needs a block`, `for example: ${directive.example}`);
      return false;
    }
    return true;
  }

  #isFirst(node: Node, directive: Directive): boolean {
    const earlier = directive.many ? undefined : this.#nodes.get(directive)?.[0];
    if (earlier === undefined) return true;
    const where = whereIs(earlier.name, node.name);
    this.#reporter.error(node.name, `\`${directive.name}\` is given twice`, `it stands on ${where} already`);
    return false;
  }
}

const needsQuotes = 'a value that holds a blank, `;`, `{`, `}` or `#` needs quotes: "…"';

/** `name: value` and `name = value` are how other programs have it. */
function otherLanguage({ name, args }: Node): string | undefined {
  const isAssigned = /[:=]$/.test(name.value) || /^[:=]/.test(args[0]?.value ?? '');
  return isAssigned ? 'a directive is its name, a blank, its value and `;`: without `:` or `=`' : undefined;
}
