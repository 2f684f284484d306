public import FoundationEssentials

/// A model in Hugging Face format: `config.json`, `model.safetensors`, `vocab.json` and `merges.txt` (or
/// `tokenizer.json`), `preprocessor_config.json`, and optionally `gerund.json`.
///
/// Everything is opened, and checked as far as its format goes, when the folder is: what the values mean is checked
/// by those who use them.
public struct ModelFolder: Sendable {
    /// As the user named it.
    public let path: String
    /// `gerund.json`; all `nil` and empty when there is none.
    public let defaults: GerundDefaults
    /// `config.json`: a UTF-8 JSON object.
    public let configurationData: Data
    public let configurationPath: String
    /// `preprocessor_config.json`, or `processor_config.json` in folders of newer writers; a UTF-8 JSON object. `nil`
    /// when there is neither, so that the architecture's defaults hold.
    public let preprocessorData: Data?
    public let preprocessorPath: String
    public let tokenizer: TokenizerFiles
    public let weights: SafeTensors

    /// Opens a model folder.
    ///
    /// - Throws: ``CheckpointError``, of any code, for the first file that is missing or broken.
    public init(path: String) throws(CheckpointError) {
        let folder = try FolderReader(path: path)
        self.path = path

        guard try folder.has("config.json") else {
            throw CheckpointError(
                code: .notFound, path: path,
                message: "no config.json: this is not a model folder in Hugging Face format")
        }
        self.configurationPath = folder.path(of: "config.json")
        self.configurationData = Data(try folder.objectAndBytes("config.json").bytes)

        let usual = "preprocessor_config.json"
        let newer = "processor_config.json"
        let hasUsual = try folder.has(usual)
        let hasNewer = try folder.has(newer)
        let name = hasNewer && !hasUsual ? newer : usual
        self.preprocessorPath = folder.path(of: name)
        self.preprocessorData = hasUsual || hasNewer ? Data(try folder.objectAndBytes(name).bytes) : nil

        self.defaults =
            try folder.has("gerund.json")
            ? GerundDefaults(json: folder.object("gerund.json"), path: folder.path(of: "gerund.json"))
            : GerundDefaults()
        self.tokenizer = try TokenizerFiles(folder: folder)
        self.weights = try Self.weights(in: folder)
    }

    /// The model's name in records: that of `gerund.json`, else the folder's.
    public var name: String {
        self.defaults.name ?? self.path.split(separator: "/").last.map(String.init) ?? self.path
    }

    private static func weights(in folder: FolderReader) throws(CheckpointError) -> SafeTensors {
        let name = "model.safetensors"
        if try folder.has(name) { return try SafeTensors(path: folder.path(of: name)) }

        if try folder.has("\(name).index.json") {
            throw CheckpointError(
                code: .unsupported, path: folder.path,
                message: "the weights are split over several files; Gerund reads a single \(name)")
        }
        if try folder.has("pytorch_model.bin") {
            throw CheckpointError(
                code: .unsupported, path: folder.path,
                message: "the weights are only here as pytorch_model.bin: convert them to \(name), for example with "
                    + "transformers' save_pretrained")
        }
        throw CheckpointError(
            code: .notFound, path: folder.path, message: "no \(name): fetch the whole model folder")
    }
}
