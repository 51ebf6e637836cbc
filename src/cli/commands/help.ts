import type { Command } from 'commander';
import { directiveNames, optionNames } from '../../config/language/lookup.ts';
import { directiveList, helpOn } from '../../config/manual/help-text.ts';
import { nearest } from '../../units/nearest.ts';

export interface HelpPorts {
  /** To standard output, as it is. */
  readonly write: (text: string) => void;
  /** To standard error, as it is. */
  readonly complain: (text: string) => void;
  /** The code with which the process ends when the command is done. */
  readonly exit: (code: 0 | 1) => void;
}

/** `headwater help [DIRECTIVE|OPTION|COMMAND]`: takes the place of commander's own, which knows commands only. */
export function registerHelp(program: Command, ports: HelpPorts): void {
  program.helpCommand(false);
  program
    .command('help')
    .description('explain a directive of the configuration, an option of one, or a command')
    .argument('[name]', 'such as stream, capture_at or run')
    .action((name: string | undefined) => {
      const text = name === undefined ? overview(program) : helpFor(program, name);
      if (text !== undefined) ports.write(text);
      else ports.complain(unknown(program, name ?? ''));
      ports.exit(text === undefined ? 1 : 0);
    });
}

function overview(program: Command): string {
  return `${program.helpInformation()}\nDirectives of the configuration (headwater help NAME):\n${directiveList()}`;
}

/** A directive comes first: commands have `--help`, too. */
function helpFor(program: Command, name: string): string | undefined {
  return helpOn(name) ?? program.commands.find((command) => command.name() === name)?.helpInformation();
}

function unknown(program: Command, name: string): string {
  const near = nearest(name, [
    ...directiveNames(),
    ...optionNames(),
    ...program.commands.map((command) => command.name()),
  ]);
  const hint = near === undefined ? 'headwater help lists all' : `did you mean ${near}?`;
  return `headwater: there is no directive, option or command ${name}\nhint: ${hint}\n`;
}
