import { existsSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { join, relative } from 'path';
import ts from 'typescript';

import pluginJson from '../plugin.json';

const SRC = join(process.cwd(), 'src');
const FILE = join(SRC, 'locales', 'en-US', `${pluginJson.id}.json`);

type Texts = Record<string, string>;
interface Tree {
  [key: string]: string | Tree;
}

/** Every text of the source with its key: calls of t() and elements Trans. */
function textsOf(file: string): Texts {
  const texts: Texts = {};
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const add = (key: string, text: string) => {
    const where = relative(SRC, file);
    if (texts[key] !== undefined && texts[key] !== text) {
      throw new Error(`${where}: the key ${key} has two texts`);
    }
    texts[key] = text;
  };
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === 't') {
      const [key, text] = node.arguments;
      if (!ts.isStringLiteralLike(key) || !text || !ts.isStringLiteralLike(text)) {
        throw new Error(`${relative(SRC, file)}: t() needs a key and a text as literals: ${node.getText()}`);
      }
      add(key.text, text.text);
    }
    if (ts.isJsxElement(node) && node.openingElement.tagName.getText() === 'Trans') {
      add(keyOf(node.openingElement), transText(node));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

function keyOf(element: ts.JsxOpeningElement): string {
  const attribute = element.attributes.properties.find(
    (p): p is ts.JsxAttribute => ts.isJsxAttribute(p) && p.name.getText() === 'i18nKey'
  );
  if (!attribute?.initializer || !ts.isStringLiteral(attribute.initializer)) {
    throw new Error(`Trans without i18nKey: ${element.getText()}`);
  }
  return attribute.initializer.text;
}

/** The text that React makes of an element's children; {{ name }} stands for a value. */
function transText(element: ts.JsxElement): string {
  return element.children
    .map((child) => {
      if (ts.isJsxText(child)) {
        return jsxText(child.text);
      }
      if (ts.isJsxExpression(child) && child.expression && ts.isObjectLiteralExpression(child.expression)) {
        return `{{${child.expression.properties[0].name?.getText()}}}`;
      }
      if (ts.isJsxExpression(child) && child.expression && ts.isStringLiteralLike(child.expression)) {
        return child.expression.text;
      }
      throw new Error(`Trans may hold only text and {{ values }}: ${child.getText()}`);
    })
    .join('');
}

/** JSX drops line breaks with the spaces around them, and keeps the spaces within a line. */
function jsxText(text: string): string {
  const lines = text.split('\n');
  return lines
    .map((line, i) => (i > 0 ? line.trimStart() : line))
    .map((line, i) => (i < lines.length - 1 ? line.trimEnd() : line))
    .filter((line) => line !== '')
    .join(' ');
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return sources(path);
    }
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function tree(texts: Texts): Tree {
  const root: Tree = {};
  for (const key of Object.keys(texts).sort()) {
    const path = key.split('.');
    const leaf = path.pop() ?? '';
    let at = root;
    for (const part of path) {
      const next = (at[part] ??= {});
      if (typeof next === 'string') {
        throw new Error(`${key}: ${part} is a text and a group`);
      }
      at = next;
    }
    if (at[leaf] !== undefined) {
      throw new Error(`${key} is a text and a group`);
    }
    at[leaf] = texts[key];
  }
  return root;
}

describe('English', () => {
  it('has every text of the source, and no other (jest -u writes it anew)', () => {
    const all = sources(SRC)
      .map(textsOf)
      .reduce<Texts>((texts, more) => {
        for (const [key, text] of Object.entries(more)) {
          if (texts[key] !== undefined && texts[key] !== text) {
            throw new Error(`the key ${key} has two texts: “${texts[key]}” and “${text}”`);
          }
        }
        return { ...texts, ...more };
      }, {});
    const want = tree(all);
    if (process.argv.some((arg) => arg === '-u' || arg === '--updateSnapshot')) {
      writeFileSync(FILE, `${JSON.stringify(want, null, 2)}\n`);
    }
    expect(existsSync(FILE)).toBe(true);
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(want);
  });

  it('is one of the languages that the plugin names', () => {
    expect(pluginJson.languages).toContain('en-US');
  });
});
