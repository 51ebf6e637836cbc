import type { SourceFile } from './source-files.ts';

interface Ban {
  readonly pattern: RegExp;
  readonly instead: string;
  /** Files where it is right. */
  readonly except: RegExp;
}

const nowhere = /^$/;
const bans: readonly Ban[] = [
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bhrtime\b/,
    instead: 'the Clock port',
    except: /^src\/adapters\/clock\.ts$/,
  },
  {
    pattern: /(?<!\.)\bset(Timeout|Interval)\(/,
    instead: 'Clock.setTimer or Clock.sleep',
    except: /^src\/adapters\/clock\.ts$/,
  },
  {
    pattern: /(?<!\.)\bsetImmediate\(/,
    instead: 'what the code waits for',
    except: /^src\/adapters\/ingest\/read-pace\.ts$/,
  },
  { pattern: /\bMath\.random\(/, instead: 'a random port', except: /^src\/adapters\/random\.ts$/ },
  {
    pattern: /\bconsole\.(log|error|warn|info|debug|trace|table|dir)\(/,
    instead: 'the Log port, or the writer that the command was given',
    except: nowhere,
  },
  { pattern: /\bas any\b|: any\b|@ts-ignore|@ts-expect-error/, instead: 'a type', except: nowhere },
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, instead: 'an issue', except: nowhere },
];

const testBans: readonly Ban[] = [
  { pattern: /\.(skip|only)\(/, instead: 'a visible line and skipIf when a tool is missing', except: nowhere },
  { pattern: /\bretry:/, instead: 'the race that makes it flaky', except: nowhere },
  {
    pattern: /(?<!\.)\bset(Timeout|Interval)\(/,
    instead: 'waiting for what the test waits for',
    except: /^(test\/support|test\/browser\/page)\//,
  },
];

export function bannedFindings(sources: readonly SourceFile[], tests: readonly SourceFile[]): string[] {
  return [...find(sources, bans), ...find(tests, testBans)];
}

function find(files: readonly SourceFile[], list: readonly Ban[]): string[] {
  return files.flatMap((file) =>
    file.text
      .split('\n')
      .flatMap((line, index) =>
        list
          .filter((ban) => ban.pattern.test(withoutComment(line)) && !ban.except.test(file.path))
          .map((ban) => `${file.path}:${index + 1}: use ${ban.instead}: ${line.trim()}`),
      ),
  );
}

/** Prose may name what code may not call. */
function withoutComment(line: string): string {
  return line.replace(/^\s*(\/\/|\/?\*).*$/, '');
}
