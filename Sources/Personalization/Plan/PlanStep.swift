public import CardApplication
public import CardData
import CardLayout
public import ISO7816

/// One command of a plan, with the reason it is there and the answer it must get.
public struct PlanStep: Hashable, Sendable {
    /// The answer that lets the plan go on.
    public enum Expectation: Hashable, Sendable {
        /// 9000; data is not asked for.
        case success
        /// 9000, or the answer of a card that has nothing to do here.
        case successOr(StatusWord)
        /// 9000 with a challenge of that many bytes.
        case challenge(Int)
        /// 9000 with exactly these bytes.
        case data([UInt8])
    }

    /// What is sent.
    public let operation: CardOperation
    /// What must come back.
    public let expectation: Expectation
    /// Why.
    public let purpose: Purpose
    /// The line of the layout or profile that asks for it.
    public let place: SourcePlace?

    /// A step from its parts.
    public init(_ operation: CardOperation, _ expectation: Expectation, _ purpose: Purpose, at place: SourcePlace?) {
        self.operation = operation
        self.expectation = expectation
        self.purpose = purpose
        self.place = place
    }
}

/// Why a step is in a plan; the subject names the directory, file, record or key.
public struct Purpose: Hashable, Sendable {
    /// The kinds of reason.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case eraseCard, createMasterFile, createKeyFile, loadTransportKey, takeChallenge, replaceMaster, loadKey
        case createDirectory, selectDirectory, createFile, writeFileControlInformation, writeBlankRecord
        case selectFile, authenticate, writeElement, readBack, setPIN, verifyPIN, lockCard
        case presentTransportCode, endDirectory, writeAnswerToReset, writeDirectoryRecord
        case selectSecurityDomain, beginSecureChannel, deleteApplication, installApplication, setLifeCycle

        /// What is done, in Chinese.
        public var chinese: String {
            switch self {
            case .eraseCard: "擦除卡片"
            case .createMasterFile: "建立主文件"
            case .createKeyFile: "建立密钥文件"
            case .loadTransportKey: "装入传输主控密钥"
            case .takeChallenge: "取随机数"
            case .replaceMaster: "替换主控密钥"
            case .loadKey: "装入密钥"
            case .createDirectory: "建立目录"
            case .selectDirectory: "选择目录"
            case .createFile: "建立文件"
            case .writeFileControlInformation: "写入文件控制信息"
            case .writeBlankRecord: "写入空记录"
            case .selectFile: "选择文件"
            case .authenticate: "外部认证"
            case .writeElement: "写入数据"
            case .readBack: "读回核对"
            case .setPIN: "设置密码"
            case .verifyPIN: "验证密码"
            case .lockCard: "锁定卡片"
            case .presentTransportCode: "提交传输码"
            case .writeAnswerToReset: "写定复位应答"
            case .writeDirectoryRecord: "写入应用目录"
            case .endDirectory: "结束目录的建立"
            case .selectSecurityDomain: "选择发卡方安全域"
            case .beginSecureChannel: "开始安全通道"
            case .deleteApplication: "删除旧应用实例"
            case .installApplication: "安装应用"
            case .setLifeCycle: "设置卡片生命周期"
            }
        }

        /// What is done, in English.
        public var english: String {
            switch self {
            case .eraseCard: "erase the card"
            case .createMasterFile: "create the master file"
            case .createKeyFile: "create the key file"
            case .loadTransportKey: "load the transport master key"
            case .takeChallenge: "take a challenge"
            case .replaceMaster: "replace the master key"
            case .loadKey: "load the key"
            case .createDirectory: "create the directory"
            case .selectDirectory: "select the directory"
            case .createFile: "create the file"
            case .writeFileControlInformation: "write the file control information"
            case .writeBlankRecord: "write a blank record"
            case .selectFile: "select the file"
            case .authenticate: "authenticate"
            case .writeElement: "write the data"
            case .readBack: "read back and compare"
            case .setPIN: "set the PIN"
            case .verifyPIN: "verify the PIN"
            case .lockCard: "lock the card"
            case .presentTransportCode: "present the transport code"
            case .writeAnswerToReset: "settle the answer to reset"
            case .writeDirectoryRecord: "list an application"
            case .endDirectory: "end the directory's creation"
            case .selectSecurityDomain: "select the issuer's security domain"
            case .beginSecureChannel: "begin the secure channel"
            case .deleteApplication: "delete an old instance"
            case .installApplication: "install the application"
            case .setLifeCycle: "set the card's life cycle"
            }
        }
    }

    /// What is done.
    public let kind: Kind
    /// What it is done to, such as `DF01/EF05/householdType` or `UK1DF01`.
    public let subject: String

    /// A reason from its parts.
    public init(_ kind: Kind, _ subject: String = "") {
        self.kind = kind
        self.subject = subject
    }
}

/// A part of a plan that a torn card re-enters at its beginning.
public struct PlanStage: Hashable, Sendable {
    /// What a torn card needs to come back into this stage.
    public enum Kind: Hashable, Sendable {
        /// Files, keys and records: begun again on the erased card.
        case initialization
        /// A new directory on an issued card, with its keys, files and records: the card is compared, then the stage goes on.
        case creation(String)
        /// A directory's data and read-back: begun again at its SELECT.
        case directory(String)
        /// The PIN: asked of the card first, since a record cannot be added twice.
        case pin
        /// What only the PIN opens: begun again at its SELECT.
        case pinProtected(String)
        /// The master key of the card: its last step may or may not have been done.
        case lock
    }

    /// What kind of stage it is.
    public let kind: Kind
    /// Its steps.
    public let steps: [PlanStep]

    /// A stage from its parts.
    public init(_ kind: Kind, _ steps: [PlanStep]) {
        self.kind = kind
        self.steps = steps
    }

    /// True for stages whose steps cannot be taken back; each of their steps is announced in the journal before it runs.
    public var isIrreversible: Bool { kind == .pin || kind == .lock }

    /// How soon the journal must know the outcome of each step.
    var urgencyOfOutcomes: Journal.Urgency {
        switch kind {
        case .creation: .durable
        case .pin, .lock: .written
        // Begun again at their beginning, wherever they were torn.
        case .initialization, .directory, .pinProtected: .gathered
        }
    }
}
