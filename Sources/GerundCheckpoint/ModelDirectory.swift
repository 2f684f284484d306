public import GerundCore

/// A model directory in Hugging Face format.
///
/// It contains `config.json`, `model.safetensors`, `vocab.json` and `merges.txt` (or `tokenizer.json`), and optionally
/// `preprocessor_config.json` and `gerund.json`. All files are opened, and their formats checked, when the directory
/// is; the values are checked by the types that use them.
public struct ModelDirectory: Sendable {
    /// The path of the directory, as the user named it.
    public let path: String
    /// The members of `gerund.json`; `nil` if the directory has none.
    public let settings: JSONObject?
    /// The path of `gerund.json`, whether or not the file exists.
    public let settingsPath: String
    /// The object in `config.json`.
    public let configuration: JSONObject
    /// The path of `config.json`, for error messages.
    public let configurationPath: String
    /// The object in `preprocessor_config.json`, or in the `processor_config.json` of newer directories.
    ///
    /// The value is `nil` if the directory has neither, so that the architecture's defaults apply.
    public let preprocessor: JSONObject?
    /// The path of that file, for error messages.
    public let preprocessorPath: String
    /// The contents of the tokenizer's files.
    public let tokenizer: TokenizerFiles
    /// The weights, in `model.safetensors`.
    public let weights: SafeTensors

    /// Opens a model directory.
    ///
    /// - Parameter path: The path of the directory.
    /// - Throws: ``CheckpointError`` with any code, for the first file that is missing or invalid.
    public init(path: String) throws(CheckpointError) {
        let directory = try ModelDirectoryReader(path: path)
        self.path = path

        guard try directory.contains("config.json") else {
            throw CheckpointError(
                code: .notFound, path: path,
                message: "no config.json: not a model directory in Hugging Face format")
        }
        self.configurationPath = directory.path(of: "config.json")
        self.configuration = try directory.readJSONObject("config.json")

        let standard = "preprocessor_config.json"
        let newer = "processor_config.json"
        let hasStandard = try directory.contains(standard)
        let hasNewer = try directory.contains(newer)
        let name = hasNewer && !hasStandard ? newer : standard
        self.preprocessorPath = directory.path(of: name)
        self.preprocessor = hasStandard || hasNewer ? try directory.readJSONObject(name) : nil

        self.settingsPath = directory.path(of: "gerund.json")
        self.settings = try directory.contains("gerund.json") ? try directory.readJSONObject("gerund.json") : nil
        self.tokenizer = try TokenizerFiles(directory)
        self.weights = try Self.weights(in: directory)
    }

    /// The model's name in records: the one in `gerund.json`, or the directory's.
    public var name: String {
        self.settings?["name"]?.string ?? self.path.split(separator: "/").last.map(String.init) ?? self.path
    }

    private static func weights(in directory: ModelDirectoryReader) throws(CheckpointError) -> SafeTensors {
        let name = "model.safetensors"
        if try directory.contains(name) { return try SafeTensors(path: directory.path(of: name)) }

        if try directory.contains("\(name).index.json") {
            throw CheckpointError(
                code: .unsupported, path: directory.path,
                message: "sharded weights aren't supported: merge them into a single \(name)")
        }
        if try directory.contains("pytorch_model.bin") {
            throw CheckpointError(
                code: .unsupported, path: directory.path,
                message:
                    "found only pytorch_model.bin: convert it to \(name), for example with transformers' save_pretrained"
            )
        }
        throw CheckpointError(
            code: .notFound, path: directory.path, message: "no \(name): download the whole model directory")
    }
}
