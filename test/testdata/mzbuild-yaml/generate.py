"""Writes scalars.txt and documents.json next to this file: what PyYAML 6.0.1 makes of them.

    python3 -m venv venv && venv/bin/pip install PyYAML==6.0.1 && venv/bin/python generate.py
"""

import json
import pathlib

import yaml

HERE = pathlib.Path(__file__).parent

PLAIN = """yes no on off true false Yes YES No NO True TRUE On ON Off OFF False FALSE y n Y N yEs tRUE
. .. ~ null Null NULL nULL None 0 1 -1 +1 00 010 0777 08 09 0b11 0b102 0o10 0x1f 0xFF 0xfg -0x1F 1_000 1__0 _1 1_
1:30 190:20:30 1:60 1:3:5 0:1 -1:30 1.10 1.0 1. .5 .5_ -.5 +.5 1.5e3 1.5e+3 1.5E-7 1e3 1e+3 .inf -.inf +.Inf .INF .nan .NaN -.nan
1:30.5 1_0.5 0.1 1.25e+20 1234567890.5 1.5e-5 0.0001 0.00001 123456789012345680.0 12345678901234567890 -0.0 1e5 3.14159
100000.0 1000000000000000.0 10000000000000000.0 0.1e+1 5e-324 2.5e-10 9007199254740993.0
2024-01-01 2024-1-1 2024-13-01 2024-02-30 2024-02-29 2023-02-29 2001-12-14t21:59:43.10-05:00 2001-12-15T2:59:43.1Z 2024-01-01T00:00:00
2024-01-01T00:00:00+02:30 2024-01-01T00:00:00.123456789Z 0001-01-01 0000-01-01 2024-01-01T25:00:00
= << a=b x#y 1.2.3 v1.0 1.0-rc1 1,000 0x 0b abc 12abc +""".split()

QUOTED = ['"yes"', "'1.0'", "''", '"a\\tb"', "!!str 1.0", "!!int '3'", "!!float 3", "!!bool 'no'", "!!null ''", "! 12", "! '12'",
          "!!binary aGVsbG8=", "!foo x", "!!python/none x", "[a, 1, 'it''s', 1.0, null, yes]", "{a: 1, 'b\"': [x]}", "[2024-01-01]",
          "[2001-12-14t21:59:43.10-05:00]", "[2001-12-14t21:59:43Z]", "['a\\b', \"\\x01é\\xa0\"]", "[!!binary aGVsbG8=]", "2001-12-14 21:59:43.10 -5"]

DOCUMENTS = [
    "", "# only a comment\n", "a: 1\na: 2\n", "a: 1\n'a': 2\n1: x\n1.0: y\ntrue: z\n", "a:\nb: ~\n",
    "base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\n", "base: &b {x: 1, y: 2}\nuse: {y: 3, <<: *b}\n",
    "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nuse: {<<: [*a, *b], z: 3}\n", "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n",
    "'<<': {x: 1}\n", "a: {'<<': 1}\n", "a: {<<: 1}\n", "a: {<<: [1]}\n", "a: &x 1\nb: *x\n", "a: *nope\n", "=: 1\n",
    "a: 1\n---\nb: 2\n", "---\na: 1\n...\n", "%YAML 1.1\n---\na: on\n", "\ufeffa: 1\n", "a: 1\r\nb: 2\r\n", "a: |\n  x\n  y\nb: >-\n  p\n  q\n",
    "a: [b,\n  c]\nd: {e: f,\n  g: h}\n", "a: b: c\n", "a: @x\n", "a: `x`\n", "a: %x\n", "- a\nb: 1\n", "a: [b\n", "a: \"b\n", "\ta: 1\n", "a: 1\n b: 2\n",
    "? a\n: b\n", "? [a]\n: b\n", "a: x # comment\nb: x#none\n", "a: 'multi\n  line'\n", "a: plain\n  goes on\n", "a: - b\n", "a:\n- b\n-  c: d\n   e: f\n",
    "!!map {a: 1}\n", "!!seq [a]\n", "a: \x01\n", "name: größe 😀\n", "a: {b, c: 1}\n", "a: !local {b: 1}\n", "[a, b]\n", "just text\n",
    "a: &x [1]\nb: [*x, *x]\n", "a: \"\\u00e9\\x41\\n\"\n", "a: 'it''s'\n", "key with spaces: 1\n", "a: ,b\n", "a: b, c\n", "a: {b: c, }\n", "a: http://x:80/y\n", "a: x:y\n", "a: -1\nb: -x\nc: ?x\n",
    "a: \"foo\nbar\"\nb: 1\n", "a:\n- x: 'foo\n\n  bar\nbaz'\n  y: 2\n", "a: [x,\ny,\n[z,\n1]\n]\nb: 2\n", "a:\n  - {b: \"1\n2\", # c\nd: 3}\n  - e\n", "a: \"foo\n---\nbar\"\n",
    "a: [b,\nc\n", "a: |\n  x", "a: >-\n  x\n  y", "a: |+\n  x", "a: |\n  x\n  ", "a: |\n  x\nb: |\n  \"y\"", "a: 1\rb: \"x\ry\"\r", "a: 1\r\nb: |\r\n  x\r\n  y", "a: !!int 0o17\n",
]


def evaluated(text):
    try:
        value = yaml.safe_load(text)
    except Exception as error:  # PyYAML's own errors, and ValueError of dates and numbers
        return {"text": text, "error": type(error).__name__}
    return {"text": text, "repr": repr(value)}


def scalar(text):
    try:
        value = yaml.safe_load(f"[{text}]" if text[0] not in "[{" else text)
    except Exception:
        return f"{text} | error"
    if text[0] not in "[{":
        if not isinstance(value, list) or len(value) != 1:
            return None
        value = value[0]
    return f"{text} | {type(value).__name__} | {value} | {bool(value)}"


lines = [scalar(text) for text in PLAIN + QUOTED]
(HERE / "scalars.txt").write_text("\n".join(line for line in lines if line) + "\n")
(HERE / "documents.json").write_text(json.dumps([evaluated(text) for text in DOCUMENTS], indent=1, ensure_ascii=True) + "\n")
