import { inflateSync } from 'node:zlib';

/** As pdfkit ends its lines: a carriage return before the last one is the last byte of what was deflated. */
const STREAM = /stream\n([\s\S]*?)\nendstream/g;
const SHOWN = /\[([^\]]*)\] TJ/g;
const HEX = /<([0-9a-f]+)>/gi;

/** The words that a PDF of ours shows, line by line: what a reader would see, without a reader. */
export function pdfText(pdf: Buffer): string {
  const lines: string[] = [];
  for (const [, stream] of pdf.toString('latin1').matchAll(STREAM)) {
    for (const [, shown] of inflated(stream!).matchAll(SHOWN)) {
      lines.push([...shown!.matchAll(HEX)].map(([, hex]) => Buffer.from(hex!, 'hex').toString('latin1')).join(''));
    }
  }
  return lines.join('\n');
}

function inflated(stream: string): string {
  try {
    return inflateSync(Buffer.from(stream, 'latin1')).toString('latin1');
  } catch {
    return stream;
  }
}
