import { asksForChannel, fillSourceTemplate, sourceTemplates } from '@camplane/contracts/source-templates';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { Form } from './field.tsx';

/** Fills in the addresses of a common camera from its maker and host. */
export function MakerAddress({ form }: { form: Form }) {
  const [choice, setChoice] = useState({ maker: '', host: '', channel: '1', name: '' });
  const template = sourceTemplates.find(({ id }) => id === choice.maker);

  const choose = (changes: Partial<typeof choice>) => {
    const next = { ...choice, ...changes };
    setChoice(next);
    const chosen = sourceTemplates.find(({ id }) => id === next.maker);
    if (!chosen || next.host.trim() === '' || (chosen.name && next.name.trim() === '')) return;
    const { url, subUrl } = fillSourceTemplate(chosen, { ...next, channel: channelOf(next.channel) });
    form.change({ url, subUrl: subUrl ?? '' });
  };

  return (
    <details className="maker-address">
      <summary>Address of a common camera</summary>
      <div className="maker-address-fields">
        <Labelled label="Maker">
          {(id) => (
            <select id={id} value={choice.maker} onChange={({ target }) => choose({ maker: target.value })}>
              <option value="">Choose…</option>
              {sourceTemplates.map(({ id: value, maker }) => (
                <option key={value} value={value}>
                  {maker}
                </option>
              ))}
            </select>
          )}
        </Labelled>
        <Labelled label="Host">
          {(id) => (
            <input
              id={id}
              {...verbatim}
              placeholder="192.0.2.10"
              value={choice.host}
              onChange={({ target }) => choose({ host: target.value })}
            />
          )}
        </Labelled>
        {template && asksForChannel(template) && (
          <Labelled label="Channel">
            {(id) => (
              <input
                id={id}
                inputMode="numeric"
                value={choice.channel}
                onChange={({ target }) => choose({ channel: target.value })}
              />
            )}
          </Labelled>
        )}
        {template?.name && (
          <Labelled label={template.name.label}>
            {(id) => (
              <input
                id={id}
                {...verbatim}
                placeholder={template.name?.example}
                value={choice.name}
                onChange={({ target }) => choose({ name: target.value })}
              />
            )}
          </Labelled>
        )}
      </div>
      {template && (
        <p className="field-hint">
          {template.hint}{' '}
          <a href={template.source} target="_blank" rel="noreferrer">
            Documentation
          </a>
        </p>
      )}
    </details>
  );
}

const verbatim = { autoCapitalize: 'none', autoComplete: 'off', spellCheck: false } as const;

function channelOf(text: string): number {
  const channel = Number.parseInt(text, 10);
  return channel >= 1 && channel <= 999 ? channel : 1;
}

function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}
