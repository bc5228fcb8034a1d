public import CardLayout
public import IssuerKeys

extension PSAMDialect {
    /// The settings of a profile in the key service's terms.
    public init(_ profile: PSAMProfile) {
        self.init(
            answerToResetPrefix: profile.answerToResetPrefix, moduleFactorOffset: profile.moduleFactor.offset,
            application: profile.application, transportKey: profile.transportKey, versionFile: profile.version.file,
            versionOffset: profile.version.offset, sm4From: profile.version.sm4From,
            terminalNumberFile: profile.terminalNumberFile, areaFile: profile.areaFile,
            tripleDES: Algorithm(profile.tripleDES), sm4: Algorithm(profile.sm4),
            keyLevel: profile.keyLevel == .province ? .province : .city,
            isCardFirst: profile.factorOrder == .cardFirst, sessionKeyWidth: profile.sessionKeyWidth,
            sm4SessionKey: profile.sm4SessionKey, largestCalculation: profile.largestCalculation,
            sm4CalculationBit: profile.sm4CalculationBit)
    }
}

extension PSAMDialect.Algorithm {
    fileprivate init(_ algorithm: PSAMProfile.Algorithm) {
        self.init(keyFile: algorithm.keyFile, code: algorithm.code)
    }
}
