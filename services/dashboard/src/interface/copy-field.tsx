import { useEffect, useRef, useState } from 'react';
import { useApp } from '../app-context.tsx';
import { Icon } from './icon.tsx';

/** A text to be taken elsewhere, with a button that copies it. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const { announce } = useApp();
  const [copied, setCopied] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
      announce(`${label} copied.`);
    } catch {
      // Without HTTPS a browser has no clipboard for pages: select the text, so that the keyboard can copy it.
      input.current?.select();
      announce('The text is selected: copy it with the keyboard.');
    }
  };
  return (
    <div className="copy-field">
      <label>
        <span>{label}</span>
        <input ref={input} readOnly value={value} onFocus={(event) => event.target.select()} />
      </label>
      <button
        type="button"
        className="button icon-button"
        onClick={() => void copy()}
        aria-label={`Copy ${label}`}
      >
        <Icon name={copied ? 'check' : 'copy'} />
      </button>
    </div>
  );
}
