import ByteText
import CardApplication
import CardLayout
import ISO7816

extension CardClassification {
    /// What kind of GlobalPlatform card lies in the reader: the security domain is selected, then every application of the layout.
    ///
    /// Nothing but selecting and reading is sent; a card with one application of ours that has no identification code is torn
    /// somewhere, and never a blank.
    static func ofApplications(
        _ conversation: CardConversation, layout: CardLayout, _ profile: GlobalPlatformProfile
    ) throws(CardError) -> CardClassification {
        let domain = try conversation.selectSecurityDomain(of: profile)
        if domain == .fileInvalidated { return .blocked }
        guard domain.isSuccess else { return .unknown }
        if case .code(let code) = try conversation.readIdentificationCode(of: layout) {
            return .issued(identificationCode: code.hexadecimal)
        }
        for directory in layout.directories {
            let name = profile.application(of: directory.name)?.instance ?? directory.dedicatedFileName
            guard let name else { continue }
            guard try conversation.select(application: name) == .fileNotFound else { return .unknown }
        }
        return .blank
    }
}
