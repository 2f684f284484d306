package import XCLIP

/// Labels and background phrases with the features of their texts.
///
/// Being a value, it stays as it is for a window that is compared with it while the next set is made.
package struct LabelEmbeddings: Sendable {
    /// The labels and background phrases.
    package let labels: LabelSet
    /// The features of the texts, one row per element of ``LabelSet/texts``.
    package let text: TextFeatures

    /// Creates the embeddings of labels from the features of their texts.
    ///
    /// - Parameters:
    ///   - labels: The labels and background phrases.
    ///   - text: The features, one row per element of ``LabelSet/texts``.
    package init(labels: LabelSet, text: TextFeatures) {
        self.labels = labels
        self.text = text
    }

    /// Returns the texts of other labels that have no embedding here.
    package func missingTexts(in labels: LabelSet) -> [String] {
        let known = Set(self.labels.texts)
        return labels.texts.filter { !known.contains($0) }
    }

    /// Returns the embeddings of other labels, and reuses those of the texts that are known here.
    ///
    /// - Parameters:
    ///   - labels: The other labels.
    ///   - added: The features of ``missingTexts(in:)``; `nil` if there are none.
    /// - Returns: The embeddings in the order of the other labels.
    package func updated(for labels: LabelSet, adding added: TextFeatures?) -> LabelEmbeddings {
        let texts = self.labels.texts + self.missingTexts(in: labels)
        let rows = Dictionary(uniqueKeysWithValues: zip(texts, texts.indices))
        let text = added.map(self.text.appending) ?? self.text
        return LabelEmbeddings(labels: labels, text: text.selecting(labels.texts.compactMap { rows[$0] }))
    }
}
