import FoundationEssentials
public import GerundCheckpoint
public import GerundCore
public import GerundTensor
package import XCLIP

/// A model folder, loaded: everything that turns pictures and texts into logits.
public struct RecognitionModel: Sendable {
    /// The model's name in records.
    public let name: String
    /// `sha256:` and the digest of the weights' file: which weights made a log.
    public let checksum: String
    /// The folder's own labels, phrases, span and thresholds.
    public let defaults: GerundDefaults
    /// The form in which the model wants its pictures.
    public let picture: PictureFormat
    /// How many frames a window has.
    public let frameCount: Int
    /// The number format of the matrix products.
    public let precision: Precision
    /// The rows of one frame in the encoder: its patches and the class token.
    package var rowCount: Int { self.model.configuration.vision.tokenCount }
    /// What multiplies.
    let backend: ComputeBackend
    /// How many threads it may use.
    let threads: Int

    /// Models with fewer weights are computed by one thread unless told otherwise: their products are over before a
    /// second thread has woken up, and what it then waits in vain costs more than it gains.
    private static let smallModel = 20_000_000

    package let model: XCLIPModel
    package let tokenizer: CLIPTokenizer
    package let normalization: PixelNormalization

    /// Reads a model folder in Hugging Face format, and checks that its files fit together.
    ///
    /// Blocks while it reads.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - precision: The number format of the matrix products.
    ///   - threads: Of the matrix products; `nil` for one for each core, and one for a small model.
    /// - Throws: ``ModelError`` for the first file or tensor that is missing or wrong, with its name.
    public init(path: String, precision: Precision = .f32, threads: Int? = nil) throws(ModelError) {
        let backend = try Self.backend(for: precision)
        let folder = try Self.translate(.folder) { () throws(CheckpointError) in try ModelFolder(path: path) }
        let configuration = try Self.translate(.configuration, at: folder.configurationPath) {
            () throws(ConfigurationError) in try Configuration(json: folder.configurationData)
        }
        let processor = try Self.translate(.imageProcessor, at: folder.preprocessorPath) {
            () throws(ImageProcessorError) in
            if let data = folder.preprocessorData {
                try ImageProcessor(configuration: data)
            } else {
                try ImageProcessor(imageSize: configuration.vision.imageSize)
            }
        }
        // Takes as long as half of the loading, and needs none of it.
        let checksum = BackgroundResult { () throws(CheckpointError) in try folder.weights.checksum() }
        self.name = folder.name
        self.defaults = folder.defaults
        self.picture = try Self.picture(of: processor, for: configuration, path: folder.preprocessorPath)
        self.normalization = processor.normalization
        self.frameCount = configuration.vision.frameCount
        self.tokenizer = try Self.tokenizer(folder.tokenizer, for: configuration)
        self.model = try Self.translate(.weights) { () throws(WeightError) in
            try XCLIPModel(weights: folder.weights, configuration: configuration, backend: backend)
        }
        self.precision = precision
        self.backend = backend
        let cores = ProcessInfo.processInfo.activeProcessorCount
        self.threads = threads ?? (configuration.parameterCount < Self.smallModel ? 1 : cores)
        self.checksum = try Self.translate(.folder) { () throws(CheckpointError) in try checksum.get() }
    }

    static func backend(for precision: Precision) throws(ModelError) -> ComputeBackend {
        guard let backend = ComputeBackend.fastest(precision) else {
            throw ModelError(
                code: .precision,
                message: "this processor, or this build of Gerund, has no products in \(precision): use --precision f32"
            )
        }
        return backend
    }

    private static func picture(
        of processor: ImageProcessor, for configuration: Configuration, path: String
    ) throws(ModelError) -> PictureFormat {
        guard let picture = processor.pictureFormat else {
            throw ModelError(
                code: .imageProcessor,
                message: "\(path): pictures have to be scaled by their shorter edge and cropped at the centre")
        }
        let size = configuration.vision.imageSize
        guard picture.width == size, picture.height == size else {
            throw ModelError(
                code: .imageProcessor,
                message:
                    "\(path): makes pictures of \(picture.width)x\(picture.height), the model takes \(size)x\(size)")
        }
        return picture
    }

    private static func tokenizer(
        _ files: TokenizerFiles, for configuration: Configuration
    ) throws(ModelError) -> CLIPTokenizer {
        let usual = CLIPTokenizer.SpecialTokens()
        let tokens = CLIPTokenizer.SpecialTokens(
            start: files.startToken ?? usual.start, end: files.endToken ?? usual.end,
            unknown: files.unknownToken ?? usual.unknown, padding: files.paddingToken ?? usual.padding)
        let positions = configuration.text.positionCount
        let tokenizer = try Self.translate(.tokenizer, at: files.path) { () throws(TokenizerError) in
            try CLIPTokenizer(
                vocabulary: files.vocabulary, merges: files.merges, specialTokens: tokens,
                maximumLength: min(files.maximumLength ?? positions, positions))
        }
        let rows = configuration.text.vocabularySize
        guard tokenizer.vocabularySize <= rows else {
            throw ModelError(
                code: .tokenizer,
                message: "\(files.path): has \(tokenizer.vocabularySize) token ids, the model knows \(rows)")
        }
        return tokenizer
    }

    /// Names the file in an error that doesn't know it.
    private static func translate<R, E: Error>(
        _ code: ModelError.Code, at path: String? = nil, _ body: () throws(E) -> R
    ) throws(ModelError) -> R {
        do {
            return try body()
        } catch {
            throw ModelError(code: code, message: path.map { "\($0): \(error)" } ?? "\(error)", cause: error)
        }
    }
}
