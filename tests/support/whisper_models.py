"""Whisper models of random weights, the same for both engines: what they say is nonsense, how they say it is not.

The published weights cannot be had everywhere. These never end a text by themselves, and never set a time but the
first, so that every window is decoded to the bound of tokens, by each engine and each time.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
import torch
import whisper
from ctranslate2.converters import utils
from ctranslate2.specs import common_spec, whisper_spec

N_VOCAB = 51_865
#: The first number of the multilingual vocabulary that is no text.
END_OF_TEXT = 50_257


@dataclass(frozen=True)
class Size:
    """A model's size. ``TINY`` and ``BASE`` are the published ones."""

    state: int
    heads: int
    layers: int


TOY = Size(32, 2, 1)
TINY = Size(384, 6, 4)
BASE = Size(512, 8, 6)


def provide(folder: Path, size: Size = TOY, name: str = "tiny") -> None:
    """Put a model into a folder, as both engines read it."""
    model = _random(size)
    torch.save({"dims": asdict(model.dims), "model_state_dict": model.state_dict()}, folder / f"{name}.pt")
    converted = folder / f"faster-whisper-{name}"
    converted.mkdir()
    _save(model, converted)


def _random(size: Size) -> Any:
    torch.manual_seed(7)
    model = whisper.model.Whisper(
        whisper.model.ModelDimensions(
            n_mels=80, n_audio_ctx=1500, n_audio_state=size.state, n_audio_head=size.heads, n_audio_layer=size.layers,
            n_vocab=N_VOCAB, n_text_ctx=448, n_text_state=size.state, n_text_head=size.heads, n_text_layer=size.layers,
        )
    )  # fmt: skip
    # Whisper leaves this one uninitialised, for checkpoints to fill: what lies in memory may be NaN.
    # Large, so that each place has another word: what repeats itself is tried again at other temperatures.
    torch.nn.init.normal_(model.decoder.positional_embedding, std=4.0)
    with torch.no_grad():
        model.decoder.ln.weight *= 4  # sure of itself: what is doubtful is tried again too
        # A bias along one direction, against which all but words stand: they are never the likeliest.
        direction = torch.nn.functional.normalize(torch.randn(size.state), dim=0)
        model.decoder.ln.bias += 8 * direction
        tokens = model.decoder.token_embedding.weight
        tokens -= torch.outer(tokens @ direction, direction)
        tokens[_unwanted()] -= 8 * direction
    return model


def _unwanted() -> list[int]:
    """All tokens but English words with a space before them."""
    encoding = whisper.tokenizer.get_encoding("multilingual")
    texts = (encoding.decode_single_token_bytes(number) for number in range(END_OF_TEXT))
    return [n for n, text in enumerate(texts) if not re.fullmatch(rb" [a-z]{2,12}", text)] + list(
        range(END_OF_TEXT, N_VOCAB)
    )


def _save(model: Any, folder: Path) -> None:
    spec = _spec(model)
    tokenizer = whisper.tokenizer.get_tokenizer(multilingual=True, language="en", task="transcribe")
    names = _vocabulary(tokenizer)
    spec.register_vocabulary(names)
    spec.config.suppress_ids = [-1]
    spec.config.suppress_ids_begin = [220, END_OF_TEXT]
    spec.config.lang_ids = list(tokenizer.all_language_tokens)
    dims = model.dims
    last_half = range(dims.n_text_layer // 2, dims.n_text_layer)
    spec.config.alignment_heads = [(layer, head) for layer in last_half for head in range(dims.n_text_head)]
    spec.validate()
    spec.save(str(folder))
    _tokenizer(names).save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": dims.n_mels}))


def _vocabulary(tokenizer: Any) -> list[str]:
    """Names of the tokens in order; bytes as GPT-2's visible characters."""
    visible = _visible_bytes()
    encoding = tokenizer.encoding
    names = ["".join(visible[byte] for byte in encoding.decode_single_token_bytes(n)) for n in range(END_OF_TEXT)]
    special = {number: name for name, number in encoding._special_tokens.items()}
    return names + [special[number] for number in range(END_OF_TEXT, N_VOCAB)]


def _visible_bytes() -> dict[int, str]:
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {byte: chr(byte) for byte in shown} | {byte: chr(256 + n) for n, byte in enumerate(hidden)}


def _tokenizer(names: list[str]) -> tokenizers.Tokenizer:
    """Without merges: it is only asked to decode."""
    bpe = tokenizers.models.BPE(vocab={name: n for n, name in enumerate(names[:END_OF_TEXT])}, merges=[])
    made = tokenizers.Tokenizer(bpe)
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = tokenizers.decoders.ByteLevel()
    made.add_special_tokens(names[END_OF_TEXT:])
    return made


def _spec(model: Any) -> whisper_spec.WhisperSpec:
    dims = model.dims
    spec = whisper_spec.WhisperSpec(dims.n_audio_layer, dims.n_audio_head, dims.n_text_layer, dims.n_text_head)
    encoder, decoder = model.encoder, model.decoder
    for number, conv in ((spec.encoder.conv1, encoder.conv1), (spec.encoder.conv2, encoder.conv2)):
        number.weight, number.bias = _array(conv.weight), _array(conv.bias)
    spec.encoder.position_encodings.encodings = _array(encoder.positional_embedding)
    _norm(spec.encoder.layer_norm, encoder.ln_post)
    for part, block in zip(spec.encoder.layer, encoder.blocks, strict=True):
        _block(part, block)
    spec.decoder.embeddings.weight = _array(decoder.token_embedding.weight)
    spec.decoder.projection.weight = _array(decoder.token_embedding.weight)
    spec.decoder.position_encodings.encodings = _array(decoder.positional_embedding)
    _norm(spec.decoder.layer_norm, decoder.ln)
    for part, block in zip(spec.decoder.layer, decoder.blocks, strict=True):
        _block(part, block)
        _norm(part.attention.layer_norm, block.cross_attn_ln)
        _linear(part.attention.linear[0], block.cross_attn.query)
        _fused(part.attention.linear[1], block.cross_attn.key, block.cross_attn.value)
        _linear(part.attention.linear[2], block.cross_attn.out)
    return spec


def _block(part: Any, block: Any) -> None:
    _norm(part.self_attention.layer_norm, block.attn_ln)
    _fused(part.self_attention.linear[0], block.attn.query, block.attn.key, block.attn.value)
    _linear(part.self_attention.linear[1], block.attn.out)
    _norm(part.ffn.layer_norm, block.mlp_ln)
    _linear(part.ffn.linear_0, block.mlp[0])
    _linear(part.ffn.linear_1, block.mlp[2])


def _array(tensor: Any) -> np.ndarray[Any, Any]:
    return np.ascontiguousarray(tensor.detach().numpy())


def _norm(part: Any, module: Any) -> None:
    part.gamma, part.beta = _array(module.weight), _array(module.bias)


def _linear(part: Any, module: Any) -> None:
    part.weight = _array(module.weight)
    if module.bias is not None:
        part.bias = _array(module.bias)


def _fused(part: Any, *modules: Any) -> None:
    layers = [common_spec.LinearSpec() for _ in modules]
    for layer, module in zip(layers, modules, strict=True):
        _linear(layer, module)
    utils.fuse_linear(part, layers)
