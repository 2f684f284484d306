import GerundCore

/// The contents of the files of a byte-pair-encoding tokenizer in a model directory.
///
/// The vocabulary and the merges come from `vocab.json` and `merges.txt`, or from `tokenizer.json` if one of the two is
/// absent; the special tokens come from `tokenizer_config.json`. Only the format of the files is checked here: the
/// tokenizer checks whether vocabulary and merges are consistent.
public struct TokenizerFiles: Sendable {
    /// The path of the file with the vocabulary, for error messages.
    public var path: String
    /// The id of each token.
    public var vocabulary: [String: Int]
    /// The merges in order of priority, each as two symbols separated by a space.
    public var merges: [String]

    /// The token at the beginning of a text (`bos_token`); `nil` if the directory doesn't define it, so that CLIP's
    /// default applies.
    public var bosToken: String?
    /// The token at the end of a text (`eos_token`); `nil` for CLIP's default.
    public var eosToken: String?
    /// The token for unknown symbols (`unk_token`); `nil` for CLIP's default.
    public var unknownToken: String?
    /// The token after the end of a text (`pad_token`); `nil` for CLIP's default.
    public var paddingToken: String?
    /// The maximum number of tokens of a text, with its beginning and end (`model_max_length`); `nil` if the directory
    /// doesn't define it.
    public var maximumLength: Int?
}

extension TokenizerFiles {
    /// Reads the files of a model directory.
    init(_ directory: ModelDirectoryReader) throws(CheckpointError) {
        let (vocabularyName, mergesName, combinedName) = ("vocab.json", "merges.txt", "tokenizer.json")
        let hasVocabulary = try directory.contains(vocabularyName)
        let hasMerges = try directory.contains(mergesName)
        if hasVocabulary, hasMerges {
            self.path = directory.path(of: vocabularyName)
            self.vocabulary = try Self.vocabulary(try directory.readJSONObject(vocabularyName), path: self.path)
            self.merges = Self.merges(text: try directory.readText(mergesName))
        } else if try directory.contains(combinedName) {
            self.path = directory.path(of: combinedName)
            let file = try directory.readJSONObject(combinedName)
            self.vocabulary = try Self.vocabulary(combined: file, path: self.path)
            self.merges = try Self.merges(combined: file, path: self.path)
        } else {
            let problem =
                hasVocabulary
                ? "no \(mergesName), only \(vocabularyName)"
                : hasMerges
                    ? "no \(vocabularyName), only \(mergesName)"
                    : "no tokenizer (\(vocabularyName) and \(mergesName), or \(combinedName))"
            throw CheckpointError(
                code: .notFound, path: directory.path, message: "\(problem): download the whole model directory")
        }
        try self.readSettings(directory)
    }

    private static func vocabulary(_ object: JSONObject, path: String) throws(CheckpointError) -> [String: Int] {
        var vocabulary: [String: Int] = [:]
        vocabulary.reserveCapacity(object.names.count)
        for name in object.names {
            guard let id = object[name]?.integer else {
                throw CheckpointError(
                    code: .invalidValue, path: path,
                    message: "the id of token '\(name.sanitized)' must be an integer")
            }
            vocabulary[name] = id
        }
        return vocabulary
    }

    /// Returns the merges in `merges.txt`: one per line, after a line with the version of the format.
    private static func merges(text: String) -> [String] {
        // Split as bytes: a carriage return and a line feed are a single Character.
        text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let line = String(Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line))
            return line.isEmpty || line.hasPrefix("#version") ? nil : line
        }
    }

    // MARK: tokenizer.json

    private static func vocabulary(combined file: JSONObject, path: String) throws(CheckpointError) -> [String: Int] {
        let model = try Self.model(of: file, path: path)
        guard let object = model["vocab"]?.object else {
            throw CheckpointError(code: .invalidValue, path: path, message: "'model.vocab' must be an object")
        }
        var vocabulary = try Self.vocabulary(object, path: path)
        for token in file["added_tokens"]?.array ?? [] {
            if let content = token.object?["content"]?.string, let id = token.object?["id"]?.integer {
                vocabulary[content] = vocabulary[content] ?? id
            }
        }
        return vocabulary
    }

    /// Returns the merges in `tokenizer.json`: `"a b"` in older files, `["a", "b"]` in newer ones.
    private static func merges(combined file: JSONObject, path: String) throws(CheckpointError) -> [String] {
        guard let values = try Self.model(of: file, path: path)["merges"]?.array else {
            throw CheckpointError(code: .invalidValue, path: path, message: "'model.merges' must be an array")
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
                    code: .invalidValue, path: path, message: "'model.merges[\(i)]' must be a pair of symbols")
            }
        }
        return merges
    }

    private static func model(of file: JSONObject, path: String) throws(CheckpointError) -> JSONObject {
        guard let model = file["model"]?.object else {
            throw CheckpointError(code: .invalidValue, path: path, message: "'model' must be an object")
        }
        let type = model["type"]?.string ?? "BPE"
        let suffix = model["end_of_word_suffix"]?.string ?? "</w>"
        guard type == "BPE", suffix == "</w>" else {
            throw CheckpointError(
                code: .unsupported, path: path,
                message: "unsupported tokenizer: expected a BPE model with the word end '</w>', found "
                    + "\(type.sanitized) with '\(suffix.sanitized)'")
        }
        return model
    }

    // MARK: tokenizer_config.json

    /// Reads the special tokens and the length from `tokenizer_config.json` or, in older directories, from
    /// `special_tokens_map.json`.
    private mutating func readSettings(_ directory: ModelDirectoryReader) throws(CheckpointError) {
        for name in ["special_tokens_map.json", "tokenizer_config.json"] where try directory.contains(name) {
            let settings = try directory.readJSONObject(name)
            // A token is a string, or an object with the string and how it is matched.
            func token(_ key: String) -> String? {
                settings[key]?.string ?? settings[key]?.object?["content"]?.string
            }
            self.bosToken = token("bos_token") ?? self.bosToken
            self.eosToken = token("eos_token") ?? self.eosToken
            self.unknownToken = token("unk_token") ?? self.unknownToken
            self.paddingToken = token("pad_token") ?? self.paddingToken
            // transformers writes 1e30 if there is no limit.
            if let length = settings["model_max_length"]?.integer, 1...1_000_000 ~= length {
                self.maximumLength = length
            }
        }
    }
}
