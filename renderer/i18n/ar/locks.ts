import type { Catalogue } from '../en.ts'

export const locks: Catalogue['locks'] = {
  'no-consent': {
    title: 'لم توافق على مشاركة منظورك',
    text: 'يُدخل الأعضاء بعضهم بعضًا. من ينظر عبر الآخرين يدعهم ينظرون عبره.',
    place: 'home',
    action: 'اقرأ وقرّر',
  },
  'relay-stopped': {
    title: 'مرحّلك متوقّف',
    text: 'التصفّح مرتبط بالترحيل، ويعود معه.',
    place: 'relay',
    action: 'إلى المرحّل',
  },
  'or-port-unproved': {
    title: 'لم يثبت منفذ المرحّل من الخارج',
    text: 'يجب أن تستطيع المرحّلات الأخرى الوصول إلى ORPort لديك.',
    place: 'home',
    action: 'انظر المنافذ',
  },
  'dir-port-unproved': {
    title: 'لم يثبت منفذ الدليل من الخارج',
    text: 'يختبر الأعضاء DirPort لديك قبل أن يُدخلوك.',
    place: 'home',
    action: 'انظر المنافذ',
  },
  'pa-port-unproved': {
    title: 'لم يثبت منفذ المنظور من الخارج',
    text: 'يختبر الأعضاء أنهم يستطيعون حقًّا التصفّح عبرك.',
    place: 'home',
    action: 'انظر المنافذ',
  },
  'not-listed': {
    title: 'لم يُدرج مرحّلك بعد',
    text: 'يظهر في قائمة تضعها السلطات معًا، عادةً خلال ساعات قليلة.',
    place: 'home',
    action: 'انظر الأصوات',
  },
  'not-running': {
    title: 'لا تعطي السلطات مرحّلك علامة Running',
    text: 'يجب أن يكون معظمها قد وصل إليه مؤخّرًا.',
    place: 'home',
    action: 'انظر الأصوات',
  },
  'not-stable': {
    title: 'لا تعطي السلطات مرحّلك علامة Stable بعد',
    text: 'يُدخل الأعضاء مرحّلات بعلامة Stable. والسلطات تقرّر متى يصير مرحّلك منها.',
    place: 'home',
    action: 'انظر الأصوات',
  },
  'directory-not-live': {
    title: 'قائمة المرحّلات قديمة',
    text: 'لا يمكن التحقّق من أحد بلا قائمة حديثة. وهي تتجدّد من نفسها حين يمكن الوصول إلى الشبكة.',
    place: 'home',
    action: 'انظر الحالة',
  },
  'pa-off': {
    title: 'منفذ المنظور لديك مُطفأ',
    text: 'أطفأت المشاركة في الإعدادات، ولذلك لا يُدخلك الآخرون.',
    place: 'settings',
    action: 'إلى الإعدادات',
  },
}
