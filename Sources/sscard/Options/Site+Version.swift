import ByteText
import CardApplication
import CardLayout

extension Site {
    /// The layout of the version that stands on a card, when that is not the one it was read by: several versions share a chip,
    /// and only EF05 tag 03 tells them apart.
    ///
    /// As drivers do, only the first character is looked at, since the text is damaged on some cards.
    func card(
        ofVersionIn readings: [FileReading], insteadOf compiled: CompiledCard
    ) throws -> CompiledCard? {
        let text = CardDump(layoutName: compiled.layout.name, answerToReset: [], readings: readings)
            .content(by: compiled.layout)["SSSE", "EF05", "specificationVersion"]?.text
        guard let digit = text?.first, digit != compiled.layout.specificationVersion.first else { return nil }
        return try compiledCards(answering: compiled.profile.answerToResetPrefix).first { other in
            other.profile == compiled.profile && other.layout.specificationVersion.first == digit
        }
    }
}
