import CardCryptography
import ISO7816

/// What a virtual PSAM forgets without power.
struct PSAMSession {
    /// A key that stays inside for the next calculations.
    struct Calculation {
        let kind: PSAMKeyKind
        let cipher: CardCipher
        /// 8 bytes: single DES; 16: triple DES or SM4.
        let key: [UInt8]
        /// The last block of a MAC that is not at its end.
        var chain: [UInt8]?
    }

    /// True in the application with the keys.
    var isInApplication = false
    /// The current elementary file.
    var file: UInt16?
    /// The key file whose keys are used.
    var keyFile: UInt16?
    /// True once the master key was proved, until another directory is selected.
    var isMasterProved = false
    /// The challenge for the very next command.
    var challenge: [UInt8]?
    /// What 80 1A or BF DE left for 80 FA.
    var calculation: Calculation?
    /// The answer that waits for GET RESPONSE.
    var pending: ResponseAPDU?
}

/// The low five bits of a key's use byte (card.md §3.4).
struct PSAMKeyKind: Hashable {
    let code: UInt8

    init(use: UInt8) { code = use & 0x1F }

    /// 0: the module's master key; others are loaded under it.
    var isMaster: Bool { code == 0 }
    /// PIN unblock, PIN reload, card maintenance, MAC, encryption, both: what 80 1A and BF DE take.
    ///
    /// Purchase keys are used by commands of their own.
    var isForCalculation: Bool { (3...8).contains(code) }
    /// Whether the left half XOR the right half is used (PIN reload).
    var isFolded: Bool { code == 4 }
    var enciphers: Bool { [3, 7, 8].contains(code) }
    var makesMACs: Bool { [3, 4, 5, 6, 8].contains(code) }
}
