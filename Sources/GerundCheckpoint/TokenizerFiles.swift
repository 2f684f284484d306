/// What a model folder says of its byte-pair-encoding tokenizer: the vocabulary and merges of `vocab.json` and
/// `merges.txt`, or of `tokenizer.json` when the two are absent, and the settings of `tokenizer_config.json`.
///
/// Only the files' own form is checked here; whether vocabulary and merges fit together is the tokenizer's business.
public struct TokenizerFiles: Sendable {
    /// The file of the vocabulary, for messages.
    public var path: String
    /// The id of each token.
    public var vocabulary: [String: Int]
    /// Pairs to merge, the most important first, each as two symbols with a space between.
    public var merges: [String]

    /// The special tokens; `nil` where the folder says nothing, so that CLIP's own hold.
    public var startToken: String?
    public var endToken: String?
    public var unknownToken: String?
    public var paddingToken: String?
    /// How many tokens a text may have, start and end included; `nil` where the folder says nothing.
    public var maximumLength: Int?
}

extension TokenizerFiles {
    init(folder: FolderReader) throws(CheckpointError) {
        let (vocabularyName, mergesName, combinedName) = ("vocab.json", "merges.txt", "tokenizer.json")
        let hasVocabulary = try folder.has(vocabularyName)
        let hasMerges = try folder.has(mergesName)
        if hasVocabulary, hasMerges {
            self.path = folder.path(of: vocabularyName)
            self.vocabulary = try Self.vocabulary(try folder.object(vocabularyName), path: self.path)
            self.merges = Self.merges(text: try folder.text(mergesName))
        } else if try folder.has(combinedName) {
            self.path = folder.path(of: combinedName)
            let file = try folder.object(combinedName)
            self.vocabulary = try Self.vocabulary(combined: file, path: self.path)
            self.merges = try Self.merges(combined: file, path: self.path)
        } else {
            let what =
                hasVocabulary
                ? "no \(mergesName) beside \(vocabularyName)"
                : hasMerges
                    ? "no \(vocabularyName) beside \(mergesName)"
                    : "no tokenizer (\(vocabularyName) and \(mergesName), or \(combinedName))"
            throw CheckpointError(
                code: .notFound, path: folder.path, message: "\(what): fetch the whole model folder")
        }
        try self.readSettings(folder)
    }

    private static func vocabulary(_ object: JSONObject, path: String) throws(CheckpointError) -> [String: Int] {
        var vocabulary: [String: Int] = [:]
        vocabulary.reserveCapacity(object.names.count)
        for name in object.names {
            guard let id = object[name]?.integer else {
                throw CheckpointError(
                    code: .invalidValue, path: path,
                    message: "the id of token '\(name.singleLine)' is not a whole number")
            }
            vocabulary[name] = id
        }
        return vocabulary
    }

    /// One merge a line, after a line with the format's version.
    private static func merges(text: String) -> [String] {
        // Line by line in bytes: to Swift a carriage return and line feed are one character.
        text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let line = String(Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line))
            return line.isEmpty || line.hasPrefix("#version") ? nil : line
        }
    }

    // MARK: tokenizer.json

    private static func vocabulary(combined file: JSONObject, path: String) throws(CheckpointError) -> [String: Int] {
        let model = try Self.model(of: file, path: path)
        guard let object = model["vocab"]?.object else {
            throw CheckpointError(code: .invalidValue, path: path, message: "'model.vocab' is missing or not an object")
        }
        var vocabulary = try Self.vocabulary(object, path: path)
        for token in file["added_tokens"]?.array ?? [] {
            if let content = token.object?["content"]?.string, let id = token.object?["id"]?.integer {
                vocabulary[content] = vocabulary[content] ?? id
            }
        }
        return vocabulary
    }

    /// Each merge is `"a b"` in older files, `["a", "b"]` in newer ones.
    private static func merges(combined file: JSONObject, path: String) throws(CheckpointError) -> [String] {
        guard let values = try Self.model(of: file, path: path)["merges"]?.array else {
            throw CheckpointError(code: .invalidValue, path: path, message: "'model.merges' is missing or not a list")
        }
        var merges: [String] = []
        merges.reserveCapacity(values.count)
        for (i, value) in values.enumerated() {
            if let merge = value.string {
                merges.append(merge)
            } else if let pair = value.array?.compactMap(\.string), pair.count == 2 {
                merges.append("\(pair[0]) \(pair[1])")
            } else {
                throw CheckpointError(
                    code: .invalidValue, path: path, message: "'model.merges', entry \(i): not a pair of symbols")
            }
        }
        return merges
    }

    private static func model(of file: JSONObject, path: String) throws(CheckpointError) -> JSONObject {
        guard let model = file["model"]?.object else {
            throw CheckpointError(code: .invalidValue, path: path, message: "'model' is missing or not an object")
        }
        let type = model["type"]?.string ?? "BPE"
        let suffix = model["end_of_word_suffix"]?.string ?? "</w>"
        guard type == "BPE", suffix == "</w>" else {
            throw CheckpointError(
                code: .unsupported, path: path,
                message: "a \(type.singleLine) tokenizer with word end '\(suffix.singleLine)' is not CLIP's")
        }
        return model
    }

    // MARK: tokenizer_config.json

    /// The settings, from `tokenizer_config.json` or, in older folders, `special_tokens_map.json`.
    private mutating func readSettings(_ folder: FolderReader) throws(CheckpointError) {
        for name in ["special_tokens_map.json", "tokenizer_config.json"] where try folder.has(name) {
            let settings = try folder.object(name)
            /// A token is a string, or an object with the string and how it is matched.
            func token(_ key: String) -> String? {
                settings[key]?.string ?? settings[key]?.object?["content"]?.string
            }
            self.startToken = token("bos_token") ?? self.startToken
            self.endToken = token("eos_token") ?? self.endToken
            self.unknownToken = token("unk_token") ?? self.unknownToken
            self.paddingToken = token("pad_token") ?? self.paddingToken
            // Where there is no limit, transformers writes 1e30.
            if let length = settings["model_max_length"]?.integer, 1...1_000_000 ~= length {
                self.maximumLength = length
            }
        }
    }
}
