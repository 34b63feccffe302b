"""The stock Llama in every engine that is installed here, word by word, on random machines.

    python benchmarks/llama_engines.py [--machines 20] [--steps 100] [--engine NAME]

ONNX Runtime comes with the development set-up. The others are installed beside it: llama-cpp-python (built from source;
with GGML_NATIVE=OFF where the processor has AMX), onnxruntime-genai, ctranslate2; transformers.js by npm, into a folder
that $TRANSFORMERS_JS names; transformers 4 by pip install --target FOLDER --no-deps 'transformers<5' 'tokenizers<0.23'
'huggingface-hub<1', into a folder that $TRANSFORMERS_4 names. A line for each: runs that were the same to the last
word, words a second.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.compiled_models.export.engines import ENGINES, Engine, Job, jobs


def report(engine: Engine, work: list[Job]) -> bool:
    """Run an engine and say what came of it; whether that is what was expected."""
    if engine.missing:
        print(f"{engine.name}: not run, {engine.missing}", flush=True)
        return True
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        try:
            answers = engine.generate(Path(folder), work)
        except Exception as error:
            print(f"{engine.name}, {engine.version}: {type(error).__name__}: {error}", flush=True)
            return not engine.right
    seconds = time.perf_counter() - began
    same = sum(answer == job.words for answer, job in zip(answers, work, strict=True))
    words = sum(map(len, answers))
    print(
        f"{engine.name}, {engine.version}: {same} of {len(work)} runs the same, {words:,} words, "
        f"{words / seconds:,.0f} words/s with loading",
        flush=True,
    )
    return (same == len(work)) == engine.right


def main() -> int:
    """Run all engines, or the ones named; exit status 1 if one did not do what is expected of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machines", type=int, default=20)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--engine", default="", help="only those with this in their name")
    options = parser.parse_args()
    work = jobs(options.machines, options.steps)
    results = [report(engine, work) for engine in ENGINES if options.engine in engine.name]
    return int(not all(results))


if __name__ == "__main__":
    sys.exit(main())
