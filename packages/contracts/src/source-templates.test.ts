import { describe, expect, it } from '@jest/globals';
import { asksForChannel, fillSourceTemplate, sourceTemplates } from './source-templates.ts';
import { parseSourceUrl } from './source-url.ts';

describe('source templates', () => {
  it.each(sourceTemplates.map((template) => [template.id, template] as const))(
    '%s has addresses that are accepted',
    (_id, template) => {
      for (const host of ['192.0.2.10', 'camera.example', '[2001:db8::1]']) {
        const name = template.name?.example ?? '';
        const filled = fillSourceTemplate(template, { host, channel: 2, name });
        for (const url of [filled.url, filled.subUrl]) {
          if (url === null) continue;
          const parsed = parseSourceUrl(url);
          expect(parsed).toMatchObject({ ok: true, source: { host } });
          expect(url).not.toMatch(/[{}]/);
        }
        expect(filled.subUrl).not.toBe(filled.url);
      }
      expect(new URL(template.source).protocol).toBe('https:');
      expect(template.url.includes('{name}')).toBe(template.name !== undefined);
    },
  );

  it('fills in host, channel and name', () => {
    const filled = (id: string) => {
      const template = sourceTemplates.find((each) => each.id === id);
      if (!template) throw new Error(`no template ${id}`);
      return fillSourceTemplate(template, { host: ' 192.0.2.10 ', channel: 3, name: ' yard ' });
    };
    expect(filled('hikvision')).toEqual({
      url: 'rtsp://192.0.2.10:554/Streaming/Channels/301',
      subUrl: 'rtsp://192.0.2.10:554/Streaming/Channels/302',
    });
    expect(filled('reolink').subUrl).toBe('rtsp://192.0.2.10:554/Preview_03_sub');
    expect(filled('go2rtc')).toEqual({ url: 'rtsp://192.0.2.10:8554/yard', subUrl: null });
  });

  it('has unique ids and makers, sorted by maker', () => {
    const makers = sourceTemplates.map(({ maker }) => maker);
    expect(new Set(makers).size).toBe(makers.length);
    expect(new Set(sourceTemplates.map(({ id }) => id)).size).toBe(makers.length);
    expect([...makers].sort((a, b) => a.localeCompare(b, 'en'))).toEqual(makers);
    expect(sourceTemplates.filter(asksForChannel).length).toBeGreaterThan(5);
  });
});
