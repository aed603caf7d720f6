"""Every table of this package as it stood on 28 November 2026, in one step: an empty database is ready in seconds."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import events.models.packed_key
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('events', '0001_initial'), ('events', '0003_detection_found')]

    initial = True

    dependencies = [
        ('classifier', '0001_squashed_0021_moves'),
        ('incidents', '0001_squashed_0025_import_runs'),
    ]

    operations = [
        migrations.CreateModel(
            name='EntityPane',
            fields=[
                ('id', events.models.packed_key.PackedKey(primary_key=True, serialize=False)),
                ('events', models.BigIntegerField()),
                ('sum_0', models.FloatField(default=0.0)),
                ('sum_1', models.FloatField(default=0.0)),
                ('sum_2', models.FloatField(default=0.0)),
                ('sum_3', models.FloatField(default=0.0)),
                ('sum_4', models.FloatField(default=0.0)),
                ('sum_5', models.FloatField(default=0.0)),
                ('sum_6', models.FloatField(default=0.0)),
                ('sum_7', models.FloatField(default=0.0)),
            ],
        ),
        migrations.CreateModel(
            name='EventSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9_.-]*\\Z', 'Use small letters, digits, dots, dashes, underscores.')])),
                ('kind', models.CharField(choices=[('push', 'Sent by API or command'), ('folder', 'Watched folder'), ('redis', 'Redis Streams'), ('kafka', 'Kafka')], default='push', max_length=10)),
                ('address', models.CharField(blank=True, help_text="The stream's key for Redis, the topic for Kafka; empty for the rest.", max_length=200)),
                ('format', models.CharField(default='auto', help_text='auto: told from the first lines.', max_length=30)),
                ('entity_field', models.CharField(blank=True, help_text="The field that says whom an event is about; empty: the format's choice.", max_length=80)),
                ('enabled', models.BooleanField(default=True)),
                ('alert_budget', models.FloatField(default=0.01, help_text='Share of scored events that may stand above the threshold.', validators=[django.core.validators.MinValueValidator(0.0001), django.core.validators.MaxValueValidator(0.2)])),
                ('k', models.PositiveSmallIntegerField(default=2, help_text='Events above the threshold ...', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(50)])),
                ('n', models.PositiveSmallIntegerField(default=10, help_text="... among an entity's last so many, for a detection.", validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(50)])),
                ('cooldown_minutes', models.PositiveIntegerField(default=60, help_text='So long after a closed detection, its cause opens no new one.')),
                ('retention_days', models.PositiveIntegerField(default=30, help_text='Events are kept, and a redelivery is recognised, for so long.', validators=[django.core.validators.MinValueValidator(7), django.core.validators.MaxValueValidator(3650)])),
                ('numbers', models.JSONField(blank=True, default=list, help_text='Numeric fields in the order of their slots.')),
                ('categories', models.JSONField(blank=True, default=list, help_text='Fields whose values are counted.')),
                ('drift', models.JSONField(blank=True, default=dict, help_text='What the last comparisons of scores found.')),
                ('error', models.CharField(blank=True, help_text='Why the last fetch failed; empty when it did not.', max_length=300)),
                ('polled_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['name'],
                'permissions': [('view_events', 'Can see events, entities and detections'), ('ingest_events', 'Can send events'), ('manage_filters', 'Can change filters and replay dead letters'), ('manage_sources', 'Can change sources and look-up tables')],
            },
        ),
        migrations.CreateModel(
            name='FieldState',
            fields=[
                ('id', events.models.packed_key.PackedKey(primary_key=True, serialize=False)),
                ('n', models.BigIntegerField()),
                ('mean', models.FloatField()),
                ('m2', models.FloatField(help_text='Sum of squared deviations; the variance is m2 / (n - 1).')),
                ('low', models.FloatField()),
                ('high', models.FloatField()),
                ('weight', models.FloatField(help_text='Decayed count, as of `decayed_at`.')),
                ('decayed_sum', models.FloatField(help_text='The decayed mean is decayed_sum / weight.')),
                ('decayed_at', models.FloatField(help_text='Seconds since 1970.')),
            ],
        ),
        migrations.CreateModel(
            name='FirstSeen',
            fields=[
                ('id', events.models.packed_key.PackedKey(primary_key=True, serialize=False)),
                ('entity_id', models.BigIntegerField()),
                ('field', models.CharField(max_length=80)),
                ('value', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='LookupTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('kind', models.CharField(choices=[('geo', 'Geolocation'), ('threat_intel', 'Threat intelligence'), ('malware', 'Malware signatures')], max_length=14)),
                ('format', models.CharField(choices=[('csv', 'CSV'), ('mmdb', 'MMDB')], max_length=6)),
                ('field', models.CharField(help_text='The event field that is looked up, for example source.ip.', max_length=80)),
                ('file', models.CharField(help_text='Stored under a name of our own.', max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('rows', models.PositiveIntegerField(blank=True, help_text='Of a CSV file.', null=True)),
                ('enabled', models.BooleanField(default=True)),
                ('error', models.CharField(blank=True, help_text='Why the last look-up failed.', max_length=300)),
                ('added_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['kind', 'name'],
            },
        ),
        migrations.CreateModel(
            name='ThreatAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='threat_answers', to='classifier.modelversion')),
                ('template_id', models.BigIntegerField()),
                ('band', models.PositiveSmallIntegerField(help_text='0 to 3: how far above the threshold the event stood.')),
                ('prompt', models.TextField(help_text='What the model reads, made from the first event that asked.')),
                ('probability', models.FloatField(help_text='Of Threat, 0 to 1.', null=True)),
                ('problem', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'template_id', 'band'), name='one_answer_per_template_and_band')],
            },
        ),
        migrations.CreateModel(
            name='TrainingExample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='Of what it came from, so that it comes once.', max_length=64, unique=True)),
                ('prompt', models.TextField()),
                ('completion', models.CharField(choices=[('Threat', 'Threat'), ('Normal', 'Normal')], max_length=10)),
                ('origin', models.CharField(choices=[('verdict', 'A verdict'), ('import', 'Import'), ('demo', 'Synthetic sample')], max_length=10)),
                ('group', models.CharField(help_text='What always stands on one side of a split: the log entry.', max_length=64)),
                ('label_id', models.BigIntegerField(blank=True, db_index=True, help_text='The verdict that it rests on.', null=True)),
                ('retracted_at', models.DateTimeField(blank=True, help_text='The verdict was undone.', null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('origin', 'verdict'), _negated=True), ('label_id__isnull', False), _connector='OR'), name='an_example_of_a_verdict_names_it')],
            },
        ),
        migrations.CreateModel(
            name='DeadLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dead_letters', to='events.eventsource')),
                ('key', models.BinaryField(help_text='Of source, place and line: a redelivery adds no second one.', max_length=16)),
                ('format', models.CharField(max_length=30)),
                ('header', models.TextField(blank=True, help_text='The CSV header that stood above the line.')),
                ('place', models.CharField(help_text='Where it came from: batch or file, and offset.', max_length=300)),
                ('line', models.TextField(help_text='As it came; beyond 100,000 characters only the beginning.')),
                ('size', models.PositiveBigIntegerField(help_text='Bytes that it had.')),
                ('reason', models.CharField(max_length=300)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('replayed', 'Replayed'), ('discarded', 'Discarded')], default='waiting', max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['source', 'state', '-id'], name='dead_letter_list')],
                'constraints': [models.UniqueConstraint(fields=('source', 'key'), name='one_dead_letter_per_line')],
            },
        ),
        migrations.CreateModel(
            name='Entity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='entities', to='events.eventsource')),
                ('kind', models.CharField(help_text='The field that names it: user.name, source.ip, ...', max_length=40)),
                ('name', models.CharField(max_length=200)),
                ('events', models.BigIntegerField(default=0)),
                ('first_seen', models.DateTimeField()),
                ('last_seen', models.DateTimeField()),
                ('weight', models.FloatField(default=0.0, help_text='Decayed number of events, as of `decayed_at`.')),
                ('decayed_at', models.FloatField(default=0.0, help_text='Seconds since 1970 to which `weight` refers.')),
            ],
            options={
                'verbose_name_plural': 'entities',
                'constraints': [models.UniqueConstraint(fields=('source', 'kind', 'name'), name='one_row_per_entity')],
            },
        ),
        migrations.CreateModel(
            name='FeatureSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='feature_sets', to='events.eventsource')),
                ('names', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'digest'), name='one_feature_set_per_names')],
            },
        ),
        migrations.CreateModel(
            name='Filter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(choices=[('filter', 'Filter'), ('suppression', 'Suppression'), ('rule', 'Detection rule')], default='filter', max_length=12)),
                ('origin', models.CharField(choices=[('default', 'Default set'), ('person', 'Written here'), ('sigma', 'Sigma'), ('verdict', 'A verdict')], default='person', max_length=10)),
                ('source', models.ForeignKey(blank=True, help_text='Empty: events of every source.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='filters', to='events.eventsource')),
                ('position', models.PositiveIntegerField(default=100, help_text='Smaller ones are asked first.')),
                ('sigma', models.TextField(help_text='The condition, as a Sigma rule in YAML: logsource, detection, condition.')),
                ('enabled', models.BooleanField(default=False)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reason', models.CharField(max_length=500)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('hits', models.BigIntegerField(default=0)),
                ('last_hit_at', models.DateTimeField(blank=True, null=True)),
                ('dry_run', models.JSONField(blank=True, help_text='What the last dry run of this condition found.', null=True)),
                ('label_id', models.BigIntegerField(blank=True, db_index=True, help_text='The verdict that asked for it.', null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='InboxBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inbox', to='events.eventsource')),
                ('key', models.CharField(help_text="The sender's idempotency key, else one of our own.", max_length=100)),
                ('digest', models.CharField(help_text='sha256 of what was sent, so that a reused key is noticed.', max_length=64)),
                ('format', models.CharField(max_length=30)),
                ('payload', models.BinaryField(help_text='The lines, compressed by zlib; null once processed.', null=True)),
                ('lines', models.PositiveIntegerField()),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('processed_at', models.DateTimeField(blank=True, db_index=True, null=True)),
            ],
            options={
                'verbose_name_plural': 'inbox batches',
                'constraints': [models.UniqueConstraint(fields=('source', 'key'), name='one_inbox_batch_per_key'), models.CheckConstraint(condition=models.Q(models.Q(('payload__isnull', True), ('processed_at__isnull', False)), models.Q(('payload__isnull', False), ('processed_at__isnull', True)), _connector='OR'), name='an_inbox_batch_waits_or_is_processed')],
            },
        ),
        migrations.CreateModel(
            name='SourceFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='events.eventsource')),
                ('name', models.CharField(max_length=250)),
                ('generation', models.PositiveIntegerField(default=1, help_text='Grows when a file of that name begins anew.')),
                ('head', models.CharField(help_text='Digest of the first bytes, which tells a rotated file.', max_length=64)),
                ('position', models.BigIntegerField(default=0, help_text='Bytes read.')),
                ('header', models.TextField(blank=True, help_text='The first line of a CSV file.')),
                ('seen_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'name'), name='one_position_per_file')],
            },
        ),
        migrations.CreateModel(
            name='SourceMinute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='minutes', to='events.eventsource')),
                ('minute', models.DateTimeField()),
                ('received', models.BigIntegerField(default=0, help_text='Lines, broken and repeated ones too.')),
                ('duplicates', models.BigIntegerField(default=0)),
                ('refused', models.BigIntegerField(default=0, help_text='Lines that became dead letters.')),
                ('dropped', models.BigIntegerField(default=0, help_text='By filters and suppressions; stored and counted all the same.')),
                ('scored', models.BigIntegerField(default=0)),
                ('above', models.BigIntegerField(default=0, help_text='Events above the threshold, or picked by a rule.')),
                ('detections', models.BigIntegerField(default=0, help_text='Detections opened.')),
                ('score_sum', models.FloatField(default=0.0)),
                ('score_max', models.FloatField(default=0.0)),
                ('threshold', models.FloatField(help_text='In force at the end of the minute.', null=True)),
                ('lag_max', models.FloatField(default=0.0, help_text='Seconds from the event to its record, the longest.')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'minute'), name='one_row_per_source_and_minute')],
            },
        ),
        migrations.CreateModel(
            name='ThreatDatasetRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('snapshot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='threat_rows', to='classifier.datasetsnapshot')),
                ('example', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dataset_rows', to='events.trainingexample')),
                ('split', models.CharField(choices=[('train', 'Training'), ('validation', 'Validation'), ('test', 'Test')], max_length=10)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('snapshot', 'example'), name='one_row_per_example_and_snapshot')],
            },
        ),
        migrations.CreateModel(
            name='ValueCount',
            fields=[
                ('id', events.models.packed_key.PackedKey(primary_key=True, serialize=False)),
                ('source', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='values', to='events.eventsource')),
                ('field', models.CharField(max_length=80)),
                ('value', models.CharField(max_length=300)),
                ('n', models.BigIntegerField()),
                ('first_seen', models.DateTimeField()),
                ('last_seen', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['source', 'field'], name='value_of_field')],
            },
        ),
        migrations.CreateModel(
            name='Detection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='detections', to='events.eventsource')),
                ('entity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='detections', to='events.entity')),
                ('cause', models.CharField(help_text='The rule that picked its events, or what deviates most.', max_length=200)),
                ('status', models.CharField(choices=[('open', 'Open'), ('confirmed', 'Confirmed'), ('dismissed', 'Dismissed')], default='open', max_length=10)),
                ('count', models.PositiveIntegerField(default=0)),
                ('first_seen', models.DateTimeField()),
                ('last_seen', models.DateTimeField()),
                ('score', models.FloatField(help_text='The highest of its events.', null=True)),
                ('percentile', models.FloatField(null=True)),
                ('threshold', models.FloatField(null=True)),
                ('explanation', models.JSONField(default=list, help_text='Sentences on the most telling event: what deviates, how far, from what past.')),
                ('template', models.CharField(blank=True, help_text='The log template of its most telling event.', max_length=300)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('incident', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='detections', to='incidents.incident')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-last_seen'],
                'indexes': [models.Index(fields=['source', '-last_seen'], name='detection_list'), models.Index(fields=['source', 'cause', '-id'], name='detection_wave'), models.Index(fields=['created_at'], name='detection_found')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('entity', 'cause'), name='one_open_detection_per_cause')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='events.eventsource')),
                ('key', models.BinaryField(max_length=16)),
                ('content', models.BigIntegerField()),
                ('given_id', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField(help_text='When it happened; when it was received if its own clock cannot be right.')),
                ('received_at', models.DateTimeField()),
                ('day', models.DateField(db_index=True, help_text='Of receipt; what retention goes by.')),
                ('entity', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='events.entity')),
                ('fields', models.JSONField()),
                ('problem', models.CharField(blank=True, help_text='What was odd about it and was put right.', max_length=200)),
                ('template_id', models.BigIntegerField(help_text='The ValueCount of its log template.', null=True)),
                ('feature_set', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='events.featureset')),
                ('features', models.BinaryField(help_text='float64 values by the names of the feature set; NaN where it has none.')),
                ('decision', models.CharField(choices=[('filtered', 'Filtered'), ('suppressed', 'Suppressed'), ('unscored', 'Not scored'), ('ordinary', 'Ordinary'), ('above', 'Above the threshold'), ('picked', 'Picked by a rule')], max_length=10)),
                ('filter', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='events.filter')),
                ('score', models.FloatField(help_text="The detector's, in (0, 1]; higher is more unusual.", null=True)),
                ('percentile', models.FloatField(help_text='Share of recent scored events below it, 0 to 100.', null=True)),
                ('detector', models.ForeignKey(db_constraint=False, db_index=False, help_text='Null with a score: the cold-start detector gave it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='classifier.modelversion')),
                ('shadow_score', models.FloatField(help_text='What the shadow version says, which decides nothing.', null=True)),
                ('threat', models.CharField(blank=True, choices=[('', 'Not asked'), ('no_model', 'Skipped: no detection model is trained'), ('asked', 'Judged by the answer that it points to')], max_length=10)),
                ('answer', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='events.threatanswer')),
                ('enriched', models.CharField(blank=True, choices=[('', 'Nothing to look up'), ('done', 'Done'), ('failed', 'Failed')], max_length=10)),
                ('enrichment', models.JSONField(null=True)),
                ('detection', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to='events.detection')),
            ],
            options={
                'indexes': [models.Index(fields=['entity', '-id'], name='event_of_entity'), models.Index(condition=models.Q(('detection__isnull', False)), fields=['detection', 'id'], name='event_of_detection')],
                'constraints': [models.UniqueConstraint(fields=('source', 'key'), name='one_event_per_key')],
            },
        ),
    ]
