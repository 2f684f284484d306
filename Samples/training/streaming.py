"""X-CLIP in parts, for streams: exact windows, and frames that are encoded once and cached.

In X-CLIP every layer makes a message of each frame's class token; the messages of a window's frames attend to each
other, and each frame attends to its own. So a frame's encoding depends on its neighbors, and keeping it as the
window slides on is an approximation. `Stream` keeps frames in two ways:

- refresh 0, plain cache: a frame receives the cached messages of the seven before it, once, on arrival;
- refresh 1, class token: keys and values of all rows are kept, but every older frame's class token is computed again
  in every layer, so that all messages are exchanged among the frames that are in the window now.
"""

import torch


class Parts:
    """The parts of an XCLIPModel that the functions below combine, and the features of some texts."""

    def __init__(self, model, words):
        self.model = model
        self.layers = model.vision_model.encoder.layers
        self.frames = model.config.vision_config.num_frames
        self.set_texts(words)

    def set_texts(self, words):
        out = self.model.text_model(input_ids=words.input_ids, attention_mask=words.attention_mask)
        self.texts = self.model.text_projection(out.pooler_output)

    def embed(self, pixels):
        """Rows [batch, rows, width] of frames [batch, 3, height, width] before the first layer."""
        vision = self.model.vision_model
        return vision.pre_layernorm(vision.embeddings(pixels))

    def video(self, classes, hidden):
        """The features that are compared with the texts, of class tokens [batch, frames, width] and all rows [batch, frames, rows, width]."""
        model = self.model
        frames = model.visual_projection(model.vision_model.post_layernorm(classes))
        patches = model.prompts_visual_layernorm(hidden[:, :, 1:]) @ model.prompts_visual_projection
        return model.mit(frames).pooler_output, patches.mean(1)

    def logits(self, video, patches):
        texts = self.texts.expand(len(video), -1, -1)
        texts = texts + self.model.prompts_generator(texts, patches)
        video = video / video.norm(dim=-1, keepdim=True)
        texts = texts / texts.norm(dim=-1, keepdim=True)
        return torch.einsum("bd,bkd->bk", video, texts) * self.model.logit_scale.exp()


def attend(attention, queries, keys, values, mask=None):
    """Multi-head attention [..., rows, width] over projected keys and values."""
    heads, width = attention.num_heads, queries.shape[-1]
    split = lambda rows: rows.view(*rows.shape[:-1], heads, width // heads).transpose(-2, -3)
    weights = split(queries) * attention.scale @ split(keys).transpose(-1, -2)
    weights = (weights if mask is None else weights + mask).softmax(-1)
    return attention.out_proj((weights @ split(values)).transpose(-2, -3).reshape(*queries.shape))


def exchange(layer, messages, queries=slice(None), mask=None):
    """Lets messages [..., frames, width] attend to each other; returns those asked for."""
    normal = layer.message_ln(messages)
    attention = layer.message_attn
    exchanged = attend(attention, attention.q_proj(normal[..., queries, :]), attention.k_proj(normal), attention.v_proj(normal), mask)
    return messages[..., queries, :] + exchanged


def run_rows(layer, rows, message, keys=None, values=None):
    """One layer over a frame's rows [..., rows, width] and its message [..., width].

    With `keys` and `values` of the frame's other rows, these are attended to as well. Returns the rows and their own
    keys and values.
    """
    attention, count = layer.self_attn, rows.shape[-2]
    normal = layer.layer_norm1(torch.cat([rows, message.unsqueeze(-2)], -2))
    own_keys, own_values = attention.k_proj(normal), attention.v_proj(normal)
    all_keys = own_keys if keys is None else torch.cat([own_keys, keys], -2)
    all_values = own_values if values is None else torch.cat([own_values, values], -2)
    rows = rows + attend(attention, attention.q_proj(normal[..., :count, :]), all_keys, all_values)
    rows = rows + layer.mlp(layer.layer_norm2(rows))
    return rows, own_keys[..., :count, :], own_values[..., :count, :]


def exact_video(parts, pixels):
    """The model's own answer for windows [batch, frames, 3, height, width]."""
    rows = parts.embed(pixels.flatten(0, 1)).unflatten(0, pixels.shape[:2])
    for layer in parts.layers:
        rows, _, _ = run_rows(layer, rows, exchange(layer, layer.message_fc(rows[:, :, 0])))
    return parts.video(rows[:, :, 0], rows)


class Stream:
    """A batch of streams whose frames come one by one."""

    def __init__(self, parts, refresh):
        self.parts, self.refresh, self.window = parts, refresh, []

    def push(self, pixels):
        """Takes the next frame [batch, 3, height, width]; returns the window's answer once it is full."""
        parts = self.parts
        rows = parts.embed(pixels)
        frame = dict(first=rows[:, :1], keys=[], values=[], messages=[])
        older = self.window[-(parts.frames - 1):]
        self.window = older + [frame]
        classes = [kept["first"] for kept in older]
        for index, layer in enumerate(parts.layers):
            if self.refresh == 0:
                frame["messages"].append(layer.message_fc(rows[:, 0]))
                exchanged = exchange(layer, torch.stack([kept["messages"][index] for kept in self.window], 1), slice(-1, None))
            else:
                now = torch.stack([kept[:, 0] for kept in classes] + [rows[:, 0]], 1)
                exchanged = exchange(layer, layer.message_fc(now))
                for place, kept in enumerate(older):
                    classes[place], _, _ = run_rows(layer, classes[place], exchanged[:, place], kept["keys"][index], kept["values"][index])
            rows, keys, values = run_rows(layer, rows, exchanged[:, -1])
            frame["keys"].append(keys[:, 1:])
            frame["values"].append(values[:, 1:])
        frame["rows"] = rows
        for place, kept in enumerate(older if self.refresh else []):
            kept["rows"] = torch.cat([classes[place], kept["rows"][:, 1:]], 1)
        if len(self.window) < parts.frames:
            return None
        hidden = torch.stack([kept["rows"] for kept in self.window], 1)
        return parts.video(hidden[:, :, 0], hidden)


def streamed_windows(parts, pixels):
    """The output of `Stream` with refresh 1 for streams [batch, length, 3, height, width], for all windows at once.

    Returns the answers for every full window [batch, length - frames + 1, ...], as `Parts.video` does, flattened.
    A frame's class token is held once for each of its ages 0...frames-1: age 0 when it is the newest one, and all its rows
    are computed, later as it is refreshed.
    """
    frames, (batch, length) = parts.frames, pixels.shape[:2]
    rows = parts.embed(pixels.flatten(0, 1)).unflatten(0, (batch, length))
    classes = rows[:, :, :1].expand(-1, -1, frames, -1)
    # Window `time` at place `age` from the right shows frame `time - age`.
    time, age = torch.arange(length)[:, None], torch.arange(frames)[None]
    shown = ((time - age).clamp(min=0) * frames + age).flatten()
    gathered = ((time + age).clamp(max=length - 1) * frames + age).flatten()
    absent = torch.zeros(length, 1, 1, frames).masked_fill((time < age)[:, None, None], float("-inf"))
    for layer in parts.layers:
        messages = layer.message_fc(classes.flatten(1, 2)[:, shown].unflatten(1, (length, frames)))
        exchanged = exchange(layer, messages, mask=absent).flatten(1, 2)[:, gathered].unflatten(1, (length, frames))
        rows, keys, values = run_rows(layer, rows, exchanged[:, :, 0])
        older = run_classes(layer, classes[:, :, 1:], exchanged[:, :, 1:], keys[:, :, 1:], values[:, :, 1:])
        classes = torch.cat([rows[:, :, :1], older], 2)
    now = classes.flatten(1, 2)[:, shown].unflatten(1, (length, frames))[:, frames - 1:].flip(2)
    patches = rows[:, :, 1:].unfold(1, frames, 1).movedim(-1, 2)
    hidden = torch.cat([now.unsqueeze(3), patches], 3)
    return parts.video(now.flatten(0, 1), hidden.flatten(0, 1))


def run_classes(layer, classes, messages, keys, values):
    """One layer over class tokens [batch, frames, ages, width], each with its own message, with cached keys and values."""
    attention, heads = layer.self_attn, layer.self_attn.num_heads
    normal = layer.layer_norm1(torch.stack([classes, messages], 3))
    split = lambda rows: rows.unflatten(-1, (heads, -1)).movedim(-2, 2)
    queries = split(attention.q_proj(normal[:, :, :, 0]) * attention.scale)
    own_keys, own_values = split(attention.k_proj(normal)), split(attention.v_proj(normal))
    own = (queries.unsqueeze(-2) * own_keys).sum(-1)
    weights = torch.cat([own, queries @ split(keys).transpose(-1, -2)], -1).softmax(-1)
    mixed = (weights[..., :2].unsqueeze(-1) * own_values).sum(-2) + weights[..., 2:] @ split(values)
    classes = classes + attention.out_proj(mixed.movedim(2, -2).flatten(-2))
    return classes + layer.mlp(layer.layer_norm2(classes))
