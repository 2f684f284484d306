import GerundCheckpoint
import XCLIP

/// The texts that every window is compared with: the labels, and the background phrases for windows that show none of
/// them.
public struct LabelSet: Sendable, Hashable {
    /// The labels to recognize, each once.
    public let labels: [String]
    /// The background phrases, each once; never empty.
    public let background: [String]

    /// The maximum number of labels and background phrases together.
    ///
    /// More is a mistake in the file: the largest action vocabularies have some hundreds.
    public static let maximumCount = 4096

    /// The background phrases that are used if neither the user nor the model names any.
    public static let defaultBackground = ["nothing is happening", "an empty scene", "a person standing still"]

    /// Creates a set for a model.
    ///
    /// Repeated texts count once.
    ///
    /// - Parameters:
    ///   - labels: The labels to recognize.
    ///   - background: The background phrases; empty for ``defaultBackground`` without the phrases that are labels.
    ///   - model: The model, whose tokenizer limits the length of a text.
    /// - Throws: ``ModelError`` with the code `labels` if there are no labels or too many, or if one is empty, too
    ///   long for the model, or also a background phrase.
    public init(labels: [String], background: [String], for model: RecognitionModel) throws(ModelError) {
        let wanted = Self.unique(labels)
        guard !wanted.isEmpty else {
            throw ModelError(
                code: .labels,
                message: "no labels: name what to recognize with --label TEXT or --labels FILE (the model "
                    + "'\(model.name)' defines none)")
        }
        try Self.validate(labels: wanted, background: background)
        let phrases =
            background.isEmpty ? Self.defaultBackground.filter { !wanted.contains($0) } : Self.unique(background)
        self.labels = wanted
        self.background = phrases
        guard !phrases.isEmpty else {
            throw ModelError(
                code: .labels, message: "all default background phrases are used as labels: set --background")
        }
        guard self.texts.count <= Self.maximumCount else {
            throw ModelError(
                code: .labels,
                message: "\(wanted.count) labels and \(phrases.count) background phrases: at most "
                    + "\(Self.maximumCount) together")
        }
        for text in self.texts {
            try Self.validate(text)
            try Self.checkLength(of: text, for: model)
        }
    }

    /// All texts: the labels, then the background phrases.
    public var texts: [String] { self.labels + self.background }

    /// Checks the text of a label or background phrase as far as that takes no model.
    ///
    /// - Parameter text: The text.
    /// - Throws: ``ModelError`` with the code `labels` if the text is empty or contains a line break or control
    ///   character.
    public static func validate(_ text: String) throws(ModelError) {
        guard !text.allSatisfy(\.isWhitespace) else { throw ModelError(code: .labels, message: "empty label") }
        let breaking: Set<Unicode.GeneralCategory> = [.control, .lineSeparator, .paragraphSeparator]
        guard !text.unicodeScalars.contains(where: { breaking.contains($0.properties.generalCategory) }) else {
            throw ModelError(
                code: .labels, message: "label '\(Self.excerpt(text))' contains a line break or control character")
        }
    }

    /// Checks that no text is both a label and a background phrase.
    ///
    /// - Parameters:
    ///   - labels: The labels.
    ///   - background: The background phrases.
    /// - Throws: ``ModelError`` with the code `labels` and the first such text.
    public static func validate(labels: [String], background: [String]) throws(ModelError) {
        let background = Set(background)
        guard let label = labels.first(where: background.contains) else { return }
        throw ModelError(
            code: .labels, message: "'\(Self.excerpt(label))' is both a label and a background phrase: remove one")
    }

    private static func checkLength(of text: String, for model: RecognitionModel) throws(ModelError) {
        // Far fewer bytes than this are too many tokens in any language: a novel isn't tokenized.
        let limit = model.tokenizer.maximumLength
        let tokens = text.utf8.count > 64 * limit ? nil : model.tokenizer.tokenCount(of: text)
        guard let tokens, tokens <= limit else {
            let count = tokens.map { "\($0)" } ?? "more than \(16 * limit)"
            throw ModelError(
                code: .labels,
                message: "label '\(Self.excerpt(text))' is too long: it has \(count) tokens, the model's limit is "
                    + "\(limit)")
        }
    }

    private static func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }

    /// Returns the beginning of a text on one line, for messages.
    private static func excerpt(_ text: String) -> String {
        let line = String(text.map { $0.isNewline ? " " : $0 }.prefix(40))
        return line.count < text.count ? line + "…" : line
    }
}
