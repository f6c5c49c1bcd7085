import type { HostWords } from './en.ts'
import { isolate } from './isolate.ts'
import { plurals } from './plural.ts'

const count = plurals<'zero' | 'one' | 'two' | 'few' | 'many' | 'other'>('ar-u-nu-latn')

/** Arabic, from right to left; terms as in renderer/i18n/ar.ts. What comes from outside is isolated. */
export const ar: HostWords = {
  status: {
    consent: 'بانتظار موافقتك',
    starting: 'يبدأ العمل',
    ports: 'يفتح المنافذ',
    publishing: 'يعلن عن نفسه',
    'waiting-for-listing': 'بانتظار الإدراج',
    'waiting-for-stable': 'يمرّر البيانات، بانتظار Stable',
    relaying: 'يمرّر البيانات',
    unlocked: 'يمرّر البيانات، والمناظير مفتوحة',
    blocked: 'شيء يحتاج إليك',
    stopped: 'متوقّف',
    paused: 'يستريح',
  },
  pausedUntil: time => `يستريح حتى ${isolate(time)}`,
  limited: rate => `محدود بـ ${isolate(rate)}`,
  pauseReasons: {
    person: 'طلبت استراحة',
    sleep: 'الحاسوب نائم',
    cap: 'بُلغ الحدّ الشهري',
    metered: 'هذه الشبكة تُدفع بحسب الحجم',
    battery: 'يعمل على البطارية',
    plan: 'خطّتك الأسبوعية',
  },
  today: (sent, received) => `اليوم ↑ ${isolate(sent)} ↓ ${isolate(received)} لأجل Tor`,
  circuits: n => count(n, { zero: 'لا دوائر', one: 'دائرة واحدة', two: 'دائرتان', few: '# دوائر', many: '# دائرة', other: '# دائرة' }),
  total: bytes => `في المجموع ${isolate(bytes)} لأجل Tor`,
  balance: (given, used) => `المناظير اليوم: أعطيت ${isolate(given)}، استعملت ${isolate(used)}`,
  balanceShort: (given, used) => `لهم ${isolate(given)} · لك ${isolate(used)}`,
  perspective: choice => `المنظور: ${isolate(choice)}`,
  perspectiveOn: choice => `المنظور: ${isolate(choice)} (قفزة واحدة، بلا إخفاء للهوية)`,
  openPage: 'افتح صفحة هناك',
  favourites: 'المفضّلة',
  recents: 'المستعملة أخيرًا',
  lists: 'القوائم',
  countries: 'البلدان',
  locked: 'البلدان مقفلة؛ النافذة تقول السبب',
  pause: 'استراحة',
  pauseHalfHour: '30 دقيقة',
  pauseTomorrow: time => `حتى ${isolate(time)}`,
  pauseRestart: 'حتى تشغيل Vantage من جديد',
  pauseCost: 'الاستراحة التي تزيد على نحو 45 دقيقة تُنهي الفترة المحسوبة لأجل Stable.',
  resume: 'تابع الآن',
  limit: 'حدّ مؤقّت',
  limitFull: rate => `كما ضُبط: ${isolate(rate)}`,
  limitPart: (percent, rate) => `${isolate(percent)}: ${isolate(rate)}`,
  megabits: number => `${isolate(number)} ميغابت/ث`,
  start: 'شغّل المرحّل',
  show: 'أظهر Vantage',
  quit: 'إنهاء',
  quitEnds: 'إنهاء (يتوقّف المرحّل)',
  choice: {
    off: 'مطفأ',
    any: 'أيّ مكان',
    unknownCountry: 'مكان غير معروف',
    relay: fingerprint => `المرحّل ${isolate(fingerprint)}`,
    relayIn: (name, country) => `${isolate(name)} (${country})`,
    lostList: 'قائمة محذوفة',
    tor: 'عبر Tor، ثلاث قفزات',
    torTo: country => `عبر Tor، ثلاث قفزات، ${country}`,
    countryWith: (country, relays) => `${country} (${isolate(relays)})`,
  },
  notices: {
    unlocked: {
      title: 'منظورك مفتوح',
      body: 'الأعضاء يُدخلونك الآن. اختر بلدًا وانظر إلى الويب من هناك.',
    },
    'lost-running': {
      title: 'مرحّلك لم يعد مدرجًا على أنه يعمل',
      body: 'لم تستطع السلطات الوصول إليه. الصفحة الرئيسية تقول ما شوهد.',
    },
    'lost-stable': {
      title: 'مرحّلك لم يعد يُعدّ مستقرًّا',
      body: 'قد يردّك الآن أعضاء يطلبون ذلك. البقاء متصلًا يعيده.',
    },
    'ports-closed': {
      title: 'منفذ مغلق',
      body: ports => `لا أحد يصل من الخارج إلى ${isolate(ports)}. ربما نسيه الموجّه.`,
    },
    overload: {
      title: 'لدى مرحّلك عمل أكثر مما يطيق',
      body: 'الأعضاء الذين ينظرون عبرك ينتظرون لكي يتقدّم Tor. قد يفيد حدّ أقل.',
    },
    'cap-near': { title: 'الحدّ الشهري قريب', body: (used, limit) => `استُعمل ${isolate(used)} من ${isolate(limit)}.` },
    'cap-reached': {
      title: 'بُلغ الحدّ الشهري',
      body: limit => `يستريح مرحّلك بعد ${isolate(limit)}. النافذة تقول حتى متى.`,
    },
    'old-build': {
      title: 'هذه النسخة من Vantage قديمة',
      body: days =>
        `${count(days, {
          zero: 'بُنيت اليوم.',
          one: 'بُنيت قبل يوم واحد.',
          two: 'بُنيت قبل يومين.',
          few: 'بُنيت قبل # أيام.',
          many: 'بُنيت قبل # يومًا.',
          other: 'بُنيت قبل # يوم.',
        })} قد يكون في جزء التصفّح منها ثغرات معروفة: أحضر نسخة أحدث.`,
    },
    'network-asks-more': {
      title: 'الشبكة تطلب أكثر مما تستطيعه هذه النسخة',
      body: lacks => `السلطات تريد من كل مرحّل أن يعرف ${isolate(lacks)}. أحضر نسخة أحدث من Vantage.`,
    },
  },
  runsOn: {
    title: 'Vantage يتابع تمرير البيانات',
    body: 'شغّله مرة أخرى أو استعمل أيقونته لترى النافذة. «إنهاء» في قائمة الأيقونة.',
  },
  cancel: 'إلغاء',
  quitQuestion: {
    title: 'هل تريد إنهاء Vantage؟',
    text: 'يتوقّف مرحّلك. الاستراحة التي تقلّ عن نحو عشرين دقيقة لا تُلاحظ غالبًا؛ والأطول تُنهي الفترة المحسوبة لأجل Stable.',
    quit: 'إنهاء',
  },
  closeQuestion: {
    title: 'هل تريد إغلاق النافذة؟',
    text: 'ليس في سطح المكتب هذا مكان لأيقونة Vantage. يستطيع المرحّل أن يتابع بلا نافذة؛ شغّل Vantage مرة أخرى لتراها.',
    runOn: 'تابع بلا نافذة',
    quit: 'إنهاء (يتوقّف المرحّل)',
  },
  startProblems: {
    'data-folder-in-use': 'تستعمل نسخة أخرى من Vantage البيانات نفسها. ابحث عن أيقونتها أو أنهِها أولًا.',
    'data-folder-unreadable': 'لا يمكن قراءة مجلد بياناته أو الكتابة فيه.',
    'proxy-port-in-use': 'برنامج آخر يستعمل منفذ الوكيل المحلي.',
    'network-file-invalid': 'لا يمكن فهم الملف الذي يسمّي الشبكة.',
    'crypto-self-test-failed': 'هذه النسخة تحسب المفاتيح خطأً، فلا تعمل. أحضر غيرها.',
    other: 'حدث شيء غير متوقّع. ما يُعرف منه:',
  },
  cannotStart: 'لا يستطيع Vantage أن يبدأ',
}
