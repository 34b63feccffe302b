"""The stock Llama in llama.cpp, from text to text. It needs `pip install llama-cpp-python gguf`.

python examples/with_llama_cpp.py
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from llama_cpp import Llama

from compiled_models.export import export_gguf
from construction.llama import LlamaCodec, LlamaConfig
from tm import library


def main() -> None:
    codec = LlamaCodec(LlamaConfig(), library.load("increment"))
    with TemporaryDirectory() as folder:
        file = export_gguf(Path(folder, "tapehead.gguf"), type="q8_0")
        model = Llama(str(file), n_ctx=4096, verbose=False)
        answer = model(codec.prompt("1011"), max_tokens=99, temperature=0.0)
    print(answer["choices"][0]["text"])
    print(", ".join(codec.slots.legend()))


if __name__ == "__main__":
    main()
